# --- which process
if [ -z "$pid" ]; then
  pids=
  if [ -n "$unit" ] && command -v systemctl >/dev/null 2>&1; then
    shown=$(t 4 systemctl show --no-pager -p ActiveState -p MainPID -p ControlGroup -- "$unit" 2>/dev/null)
    s unit; printf '%s\n' "$shown"
    pids=$(printf '%s\n' "$shown" | sed -n 's/^MainPID=\([1-9][0-9]*\)$/\1/p')
    group=$(printf '%s\n' "$shown" | sed -n 's/^ControlGroup=\(\/..*\)$/\1/p')
    if [ -n "$group" ]; then
      for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
        [ -r "$root$group/cgroup.procs" ] && pids="$pids $(cat "$root$group"/cgroup.procs "$root$group"/*/cgroup.procs 2>/dev/null)" && break
      done
    fi
  fi
  if [ -z "$pids" ] && [ -n "$text" ]; then
    pids=$(grep -a -s -H '' /proc/[0-9]*/cmdline | tr '\000' ' ' | grep -v -F -e "$m" | grep -F -e "$text" |
      sed -n 's|^/proc/\([0-9]*\)/cmdline:.*|\1|p')
    pids=$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) /\1 /' | awk -v want="$pids" '
      BEGIN { n = split(want, w, /[ \n]+/); for (i = 1; i <= n; i++) has[w[i]] = 1 }
      { parent[$1] = $3 }
      END { for (p in parent) for (q = p; q > 1 && up[p]++ < 20; q = parent[q]) if (q in has) { print p; break } }')
  fi
  if [ -z "$unit$text" ] && [ -n "$port" ]; then # who listens there
    door=$(awk -v at=":$(printf '%04X' "$port")" '$4 == "0A" && substr($2, length($2) - 4) == at { print "socket:[" $10 "]" }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    [ -z "$door" ] || pids=$(t 2 sh -c 'ls -l /proc/[0-9]*/fd' 2>/dev/null | awk -v want="$door" '
      BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
      /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); p = part[3]; next }
      ($NF in has) && !seen[p]++ { print p }')
  fi
  pids=$(for p in $pids; do [ "$p" != $$ ] && [ -r "/proc/$p/stat" ] && echo "$p"; done | sort -un | head -n 600)
  look() { sed 's/^\([0-9]*\) (.*) /\1 /' $(for p in $pids; do echo "/proc/$p/stat"; done) 2>/dev/null; }
  set -- $pids
  if [ $# -gt 1 ]; then
    one=$(look); sleep 0.3; two=$(look)
    # what a program calls, such as pg_dump, is no worker of it: the one to look at is who waits for it
    programs=$(ls -l $(for p in $pids; do echo "/proc/$p/exe"; done) 2>/dev/null | sed -n 's|.* /proc/\([0-9]*\)/exe -> \(.*\)|exe \1 \2|p')
    # nor is what the interpreter itself keeps beside it
    helpers=$(grep -a -s -l -e 'multiprocessing[.]resource_tracker' -e 'multiprocessing[.]semaphore_tracker' $(for p in $pids; do echo "/proc/$p/cmdline"; done) | sed 's|^/proc/\([0-9]*\)/.*|helps \1|')
    # whose client has waited for an answer for a while
    unanswered=; command -v ss >/dev/null 2>&1 && unanswered=$(t 1 ss -tnieH state established 2>/dev/null | head -n 6000 | awk '
      { for (i = 1; i <= NF; i++) { split($i, f, ":"); if (f[1] == "ino") { ino = f[2]; sent = got = came = 0 } else if (f[1] == "lastsnd") sent = f[2]
          else if (f[1] == "lastrcv") got = f[2]; else if (f[1] == "bytes_received") came = f[2] }
        if (came && ino && got < sent && got > 700) { print "socket:[" ino "]"; ino = "" } }')
    kept=; [ -n "$unanswered" ] && kept=$(ls -l $(for p in $pids; do echo "/proc/$p/fd"; done) 2>/dev/null | awk -v want="$unanswered" '
      BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
      /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); p = part[3]; next }
      ($NF in has) && !seen[p]++ { print "keeps", p }')
    ranked=$(printf '%s\n%s\n%s\n%s\n--\n%s\n' "$helpers" "$kept" "$programs" "$one" "$two" | awk '
      /^helps / { helps[$2] = 1; next }
      /^keeps / { keeps[$2] = 1; next }
      /^exe / { interprets[$2] = ($3 ~ /\/(python|node|ruby|java|php|perl)[^\/]*$/); known[$2] = 1; next }
      /^--$/ { second = 1; next }
      !second { cpu[$1] = $13 + $14; next }
      { used = $13 + $14 - cpu[$1]; parent[$1] = $3; state[$1] = $2; delta[$1] = used; threads[$1] = $19; n[++count] = $1 }
      END { for (i = 1; i <= count; i++) { p = n[i]; called[p] = (p in helps) || (interprets[parent[p]] && (p in known) && !interprets[p]); if (!called[p]) above[parent[p]] = 1 }
        for (i = 1; i <= count; i++) { p = n[i]; leaf = !(p in above) && !called[p]
          odd = (state[p] ~ /[DTtZ]/)
          printf "%d %s %s\n", odd * 100000 + (p in keeps) * 1000 + (delta[p] > 4 ? delta[p] * 100 : 0) + leaf * 50 + (threads[p] > 40 ? 40 : threads[p]), p, state[p] } }' |
      sort -k1,1rn -k2,2n)
    pid=$(printf '%s\n' "$ranked" | awk 'NR == 1 { print $2 }')
    s others
    printf '%s\n' "$ranked" | awk 'NR > 1 && NR < 40 { print $2, $3 }' | while read -r p st; do
      printf '%s %s %s\n' "$p" "$st" "$(tr '\000\n' '  ' <"/proc/$p/cmdline" 2>/dev/null | cut -c 1-300)"
    done
  else
    pid=$1
  fi
fi
