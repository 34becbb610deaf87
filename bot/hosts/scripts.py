"""The verbs that a round runs on a host. POSIX sh; tried with dash, bash and busybox."""

from bot.ports import Script

PREPARED = r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
set -f
m=$1; look=$2; mounts=; shift 2
bounded=; timeout -k 1 1 true 2>/dev/null && bounded=1
s() { printf '\n%s %s\n' "$m" "$1"; }
t() { n=$1; shift; if [ -n "$bounded" ]; then timeout -k 1 "$n" "$@"; else "$@"; fi; }
# Disks of this machine alone, each once, at its shortest mount point: what is in the network may hang. One `stat` tells all
# of them; where it does not, or a name has a blank, df is asked twice. It complains, and fails, where one mount of many is
# not ours to see; busybox knows no -l.
find_mounts() {
  mounts=$(awk '
  $3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|vfat|exfat|ntfs|ntfs3|fuseblk|bcachefs|nilfs2|gfs2|ocfs2)$/ || $2 == "/" {
    if ($2 ~ /\\/) { odd = 1; exit }
    if (!($1 in at) || length($2) < length(at[$1])) at[$1] = $2
  }
  END { if (!odd) for (device in at) print at[device] }' /proc/mounts)
}
"""
WHOLE = r"""
count() { set +f; set -- /proc/[0-9]*; set -f; total=$#; }; count
files='/proc/uptime /proc/loadavg /proc/stat /proc/meminfo'
for f in /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io /proc/mounts /proc/net/tcp /proc/net/tcp6; do
  [ -r "$f" ] && files="$files $f"
done
# one program reads them all: to start one for each costs more than all the reading. What listens is 0A; of connections
# those (01, and 08: half closed) with something in them that nobody has read, and those that nobody has accepted.
told=$(awk -v m="$m" -v total="$total" '
function s(name) { if (name != now) printf "\n%s %s\n", m, name; now = name }
FILENAME == "/proc/uptime" { s("uptime"); print; next }
FILENAME == "/proc/loadavg" { s("loadavg"); print; next }
FILENAME == "/proc/stat" {
  if ($1 == "cpu") { s("cpu"); print } else if ($1 ~ /^cpu/) cores++
  else if ($1 ~ /^procs_/) { if (now != "procs") { s("procs"); print "procs_total " total }; print }
  next
}
FILENAME == "/proc/meminfo" { if ($1 ~ /^(Mem|Swap)/) { s("meminfo"); print } next }
FILENAME ~ /pressure/ { s("psi"); name = FILENAME; sub(/.*\//, "", name); print name ":" $0; next }
FILENAME == "/proc/mounts" {
  if ($3 ~ /^(squashfs|iso9660|udf|erofs|cramfs)$/ || $4 ~ /^ro(,|$)/) { s("readonly"); print $2 }
  next
}
$4 == "0A" || ($4 ~ /^0[18]$/ && ($5 !~ /:0+$/ || $10 == 0)) { if (rows++ < 3000) { s("listening"); print } }
END { s("cores"); print cores }' $files)
printf '%s\n' "$told"
[ -n "$mounts" ] || find_mounts
disks() { d=$(t 4 df -P -l "$1" 2>/dev/null); [ -n "$d" ] || d=$(t 4 df -P "$1" 2>/dev/null); printf '%s\n' "$d"; }
s space
[ -n "$mounts" ] && stat -f -c '%S %b %f %a %c %d %n' $mounts 2>/dev/null || { s disks; disks -k; s inodes; disks -i; }
texts= units= nl='
'
while [ $# -ge 3 ]; do
  [ -n "$2" ] && units="$units $2"
  [ -n "$3" ] && texts="$texts${texts:+$nl}$3"
  shift 3
done
pids=
if [ -n "$units" ] && command -v systemctl >/dev/null 2>&1; then
  shown=$(t 5 systemctl show --no-pager -p Id -p Names -p LoadState -p ActiveState -p SubState -p MainPID \
    -p ControlGroup -p ActiveEnterTimestampMonotonic -p InvocationID -p NRestarts -- $units 2>/dev/null)
  s units; printf '%s\n' "$shown"
  groups=$(printf '%s\n' "$shown" | sed -n 's/^ControlGroup=\(\/..*\)$/\1/p')
  pids=$(printf '%s\n' "$shown" | sed -n 's/^MainPID=\([1-9][0-9]*\)$/\1/p')
  while IFS= read -r g; do
    [ -n "$g" ] || continue
    for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
      [ -r "$root$g/cgroup.procs" ] || continue
      in=$(set +f; cat "$root$g"/cgroup.procs "$root$g"/*/cgroup.procs "$root$g"/*/*/cgroup.procs 2>/dev/null)
      [ -n "$in" ] || continue
      s "cgroup $g"; printf '%s\n' "$in"; pids="$pids $in"
      break
    done
  done <<EOT
$groups
EOT
fi
found=
if [ -n "$texts" ]; then
  found=$(set +f; grep -a -s -H '' /proc/[0-9]*/cmdline | tr '\000' ' ' |
    grep -v -F -e hangbot-mark- | grep -F -e "$m" -e "$texts" | cut -c 1-1000)
  s commands; printf '%s\n' "$found"
  named=$(printf '%s\n' "$found" | sed -n 's|^/proc/\([0-9]*\)/cmdline:.*|\1|p')
  kids=; for p in $named; do kids="$kids /proc/$p/task/$p/children"; done
  forked=; [ -z "$kids" ] || forked=$(cat $kids 2>/dev/null)
  s forked; echo $forked
  for p in $named $forked; do case " $pids " in *" $p "*) ;; *) pids="$pids $p" ;; esac; done
fi
stats= fds= turns=
for p in $pids; do
  stats="$stats /proc/$p/stat" fds="$fds /proc/$p/fd" turns="$turns /proc/$p/schedstat /proc/$p/limits /proc/$p/status"
done
if [ -n "$stats" ]; then
  read -r now _ </proc/uptime; s now; echo "$now"
  s processes; cat $stats 2>/dev/null
  s turns; grep -s -H -e '^[0-9]' -e '^Max open files' -e '^VmRSS:' -e '^Threads:' $turns
fi
if [ -n "$fds" ]; then
  inodes=$(printf '%s\n' "$told" | awk '$4 ~ /^0[A18]$/ && $2 ~ /:/ { printf "socket:[%s] ", $10 }')
  # how many files each has open, if that can be seen (`total`), and which of the sockets
  s sockets; t 3 ls -l $fds /dev/null 2>/dev/null | awk -v wanted="$inodes" '
    BEGIN { split(wanted, list, " "); for (at in list) known[list[at]] = 1 }
    function counted() { if (seen) print "fds " count; seen = count = 0 }
    /^\/proc\// { counted(); print; next }
    /^total/ { seen = 1; next }
    /->/ { count++; if ($NF in known) print }
    END { counted() }'
fi
if [ "$look" = look ]; then
  sleep 0.2 2>/dev/null || sleep 1
  s cpu_again; grep '^cpu ' /proc/stat
fi
s end
"""
SAMPLE = Script(
    name="sample",
    version=7,
    # $1 mark, $2 `look` for a second look at the CPU, then name, unit and process text of each service.
    # A section begins with the mark and its name on a line of its own; the last one is `end`.
    text=PREPARED + WHOLE,
)
COLLECTOR = Script(
    name="collector",
    version=4,
    # Its arguments are those of SAMPLE. Lives as long as its channel and answers each line `NUMBER KIND PID…` with one
    # record, from the mark and `begin NUMBER` to the mark and `done NUMBER`. KIND `whole`: all that SAMPLE prints.
    # KIND `small`: what a shell reads without starting anything, some letters before each line, see `records`; then
    # nothing is forked and nothing looked for, so that asking again costs a fifth of a millisecond. A record is written at
    # once: each write is a packet, and each packet costs the bot.
    text=PREPARED
    + r"""
exec 2>/dev/null
whole() { """
    + WHOLE
    + r"""
}
small() {
  l= u= c= a= pc= pm= pi= p=
  read -r l </proc/loadavg
  read -r u </proc/uptime
  read -r c </proc/stat
  while read -r k a _; do case $k in MemAvailable:) break ;; esac; done </proc/meminfo
  [ "$k" = MemAvailable: ] || a=
  if [ -n "$pressure" ]; then
    read -r pc </proc/pressure/cpu
    { read -r pi; read -r pm; } </proc/pressure/memory
    { read -r _; read -r pi; } </proc/pressure/io
  fi
  for n; do read -r k </proc/"$n"/stat && p="$p
s $k"; done
  printf '
%s begin %s
l %s
u %s
c %s
a %s
pc %s
pm %s
pi %s%s
%s done %s
'     "$m" "$tick" "$l" "$u" "$c" "$a" "$pc" "$pm" "$pi" "$p" "$m" "$tick"
}
wholes=0 pressure=; read -r pressure </proc/pressure/cpu
while read -r tick kind words; do
  case $kind in
    whole)
      [ $((wholes % 10)) != 0 ] || find_mounts
      wholes=$((wholes + 1))
      record=$(whole "$@" </dev/null)
      printf '
%s begin %s
%s
%s done %s
' "$m" "$tick" "$record" "$m" "$tick" ;;
    small) small $words ;;
  esac
done
""",
)

ASK = Script(
    name="ask",
    version=2,
    # $1 URL, $2 seconds. Prints `status CODE` or `problem WORD`.
    text=r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin
if command -v curl >/dev/null 2>&1; then
  code=$(curl -q -s -k -o /dev/null --noproxy '*' --max-redirs 0 --max-time "$2" -w '%{http_code}' -- "$1")
  case $? in
    0|18|23|56) [ "${code:-000}" != 000 ] && echo "status $code" || echo 'problem reset' ;;
    6|7) echo 'problem refused' ;;
    28) [ "${code:-000}" != 000 ] && echo "status $code" || echo 'problem timeout' ;;
    52) echo 'problem reset' ;;
    *) echo 'problem malformed' ;;
  esac
elif command -v python3 >/dev/null 2>&1; then
  python3 -I -S - "$1" "$2" <<'EOT'
import http.client, socket, ssl, sys
from urllib.parse import urlsplit
url, seconds = urlsplit(sys.argv[1]), float(sys.argv[2])
kind = http.client.HTTPConnection
more = {}
if url.scheme == "https":
    kind, more = http.client.HTTPSConnection, {"context": ssl._create_unverified_context()}
try:
    asked = kind(url.hostname, url.port, timeout=seconds, **more)
    asked.request("GET", (url.path or "/") + ("?" + url.query if url.query else ""))
    print("status", asked.getresponse().status)
except socket.timeout:
    print("problem timeout")
except ConnectionRefusedError:
    print("problem refused")
except (ConnectionError, http.client.RemoteDisconnected):
    print("problem reset")
except Exception:
    print("problem malformed")
EOT
elif command -v wget >/dev/null 2>&1; then
  case $(wget --version 2>/dev/null) in
    GNU*) # it would try twenty times, follow redirects and check certificates
      said=$(wget -S -O /dev/null -T "$2" -t 1 --max-redirect=0 --no-check-certificate --no-proxy --no-config "$1" 2>&1) ;;
    *) # busybox, of which some builds crash on -T
      within=${2%%.*}; [ "$within" = "$2" ] || within=$((within + 1))
      said=$(timeout "$within" wget -S -O /dev/null -Y off "$1" 2>&1)
      case $? in 124|137|143) said="$said timed out" ;; esac ;;
  esac
  code=$(printf '%s\n' "$said" | sed -n 's|^ *HTTP/1\.[01] \([0-9][0-9][0-9]\).*|\1|p' | head -n 1)
  case $said in
    *'server returned error: HTTP/'*) code=${code:-$(printf '%s\n' "$said" | sed -n 's|.*HTTP/1\.[01] \([0-9]*\).*|\1|p')} ;;
  esac
  if [ -n "$code" ]; then echo "status $code"; exit; fi
  case $said in
    *refused*) echo 'problem refused' ;;
    *'timed out'*) echo 'problem timeout' ;;
    *'No data received'*|*'reset by peer'*|*'error getting response'*) echo 'problem reset' ;;
    *) echo 'problem malformed' ;;
  esac
else
  echo 'problem unavailable'
fi
""",
)


def sections(text: str, mark: str) -> dict[str, str]:
    """Split what a script printed at the lines that begin with the mark; what stands before the first is dropped."""
    found: dict[str, str] = {}
    for part in f"\n{text}".split(f"\n{mark} ")[1:]:
        name, _, content = part.partition("\n")
        found[name.strip()] = content.strip("\n")
    return found
