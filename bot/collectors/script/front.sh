# --- a server in front of others, over all its processes: whom they wait for, and what Apache says of its workers
exe=$(readlink $P/exe 2>/dev/null); exe=${exe% (deleted)}
front=; case ${exe##*/} in nginx|apache2|httpd|haproxy|caddy|envoy|traefik) front=${exe##*/} ;; esac
fetch() { if command -v curl >/dev/null 2>&1; then t 2 curl -s -k -m 2 "$1"; elif command -v wget >/dev/null 2>&1; then t 2 wget -q -O - -T 2 "$1"; else
  t 2 python3 -c 'import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=2).read().decode("latin-1"))' "$1"; fi 2>/dev/null; }
if [ -n "$front" ] && command -v ss >/dev/null 2>&1 && ! over 7000; then
  net=$(readlink $P/ns/net)
  all=$(ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's|^.* /proc/\([0-9]*\)/exe -> \(.*\)$|\1 \2|p' | while read -r p e; do
    [ "${e% (deleted)}" = "$exe" ] && [ "$(readlink /proc/"$p"/ns/net)" = "$net" ] && echo "$p"; done | head -n 600)
  held=$(ls -l $(for p in $all; do echo "/proc/$p/fd"; done) 2>/dev/null | sed -n 's/.*-> socket:\[\([0-9]*\)\]$/\1/p' | sort -u | head -n 10000) # one argument of awk may have 128 KiB
  s "front $front"
  # those it waits for or that wait for it alone; a socket has its number on its first line and its figures on the second
  t 2 ss -tnieH state established 2>/dev/null | head -n 20000 | awk -v want="$held" '
    BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
    /^[^ \t]/ { line = $0; ours = 0; for (i = 1; i <= NF; i++) if (substr($i, 1, 4) == "ino:" && (substr($i, 5) in has)) ours = 1; if (/lastrcv:/ && ours && ++many <= 2000) print; next }
    ours && ++many <= 2000 { print line; print }' | cut -c 1-700
  s frontlisten; t 1 ss -tnleH 2>/dev/null | awk -v want="$held" '
    BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
    { for (i = 1; i <= NF; i++) if (substr($i, 1, 4) == "ino:" && (substr($i, 5) in has)) print $4 }' | sort -u | head -n 20
  # a connection that nobody accepted yet is named by its number alone, behind the socket that it waits at
  s frontunix; t 2 ss -xnapeH 2>/dev/null | head -n 20000 | awk -v want="$held" '
    BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
    substr($5, 1, 1) != "/" { next }
    $2 == "LISTEN" { if (match($0, /pid=[0-9]+/)) owner[$5] = substr($0, RSTART + 4, RLENGTH - 4); peers = 0
      for (i = 9; i <= NF; i++) if ($i == "peers:") peers = 1; else if (peers && ($i in has)) count[$5]++; next }
    ($8 in has) { count[$5]++ }
    END { for (path in count) print count[path], owner[path] + 0, path }' | head -n 20
  case $front in apache2|httpd)
    for door in $(t 1 ss -tnleH 2>/dev/null | awk -v want="$held" 'BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
      { for (i = 1; i <= NF; i++) if (substr($i, 1, 4) == "ino:" && (substr($i, 5) in has)) print $4 }' | sed 's/^\*:/127.0.0.1:/; s/^0\.0\.0\.0:/127.0.0.1:/; s/^\[::\]:/127.0.0.1:/' | sort -u | head -n 4); do
      case $door in *:443|*:8443) scheme=https ;; *) scheme=http ;; esac
      status=$(fetch "$scheme://$door/server-status?notable" | tr -d '\000' | head -c 300000)
      case $status in *'Apache Server Status'*) s frontstatus; printf '%s\n' "$status"; break ;; esac
    done ;;
  esac
fi
