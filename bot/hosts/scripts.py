"""The verbs that a round runs on a host. POSIX sh; tried with dash, bash and busybox."""

from bot.ports import Script

SAMPLE = Script(
    name="sample",
    version=3,
    # $1 mark, $2 `look` for a second look at the CPU, then name, unit and process text of each service.
    # A section begins with the mark and its name on a line of its own; the last one is `end`.
    text=r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
set -f
m=$1; look=$2; shift 2
bounded=; timeout -k 1 1 true 2>/dev/null && bounded=1
s() { printf '\n%s %s\n' "$m" "$1"; }
t() { n=$1; shift; if [ -n "$bounded" ]; then timeout -k 1 "$n" "$@"; else "$@"; fi; }
s uptime; cat /proc/uptime
s loadavg; cat /proc/loadavg
s cores; nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo
s cpu; grep '^cpu ' /proc/stat
s procs; grep '^procs_' /proc/stat; (set +f; set -- /proc/[0-9]*; echo "procs_total $#")
s meminfo; grep -e '^Mem' -e '^Swap' /proc/meminfo
s psi; (cd /proc/pressure 2>/dev/null && grep -H '' cpu memory io 2>/dev/null)
# df complains, and fails, where one mount of many is not ours to see; busybox knows no -l.
disks() { d=$(t 4 df -P -l "$1" 2>/dev/null); [ -n "$d" ] || d=$(t 4 df -P "$1" 2>/dev/null); printf '%s\n' "$d"; }
s disks; disks -k
s inodes; disks -i
s readonly; grep -E '^[^ ]+ [^ ]+ ((squashfs|iso9660|udf|erofs|cramfs) |[^ ]+ ro[, ])' /proc/mounts | cut -d ' ' -f 2

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
for p in $pids; do stats="$stats /proc/$p/stat" fds="$fds /proc/$p/fd" turns="$turns /proc/$p/schedstat"; done
if [ -n "$stats" ]; then
  read -r now _ </proc/uptime; s now; echo "$now"
  s processes; cat $stats 2>/dev/null
  s turns; grep -s -H '' $turns
fi
# what listens (0A), and connections (01, and 08: half closed) with something in them that nobody has read
sockets=$(grep -h -e ' 0A ' -e ' 0[18] [0-9A-F]*:0*[1-9A-F]' /proc/net/tcp /proc/net/tcp6 2>/dev/null | head -n 3000)
s listening; printf '%s\n' "$sockets"
if [ -n "$fds" ] && [ -n "$sockets" ]; then
  inodes=$(printf '%s\n' "$sockets" | while read -r _ _ _ _ _ _ _ _ _ inode _; do echo "socket:[$inode]"; done)
  s sockets; t 3 ls -l $fds /dev/null 2>/dev/null | grep -F -e '/proc/' -e "$inodes"
fi
if [ "$look" = look ]; then
  sleep 0.2 2>/dev/null || sleep 1
  s cpu_again; grep '^cpu ' /proc/stat
fi
s end
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
