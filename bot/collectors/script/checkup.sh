LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
set -f
m=$1; may=$2; shift 2
bounded=; timeout -k 1 1 true 2>/dev/null && bounded='timeout -k 1 5'
s() { printf '\n%s %s\n' "$m" "$1"; }
s account; id -un; id -u
s system; uname -srm; sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null
s shell; readlink "/proc/$$/exe"
s yama; cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null
s pressure; if [ -r /proc/pressure/cpu ] && read -r _ </proc/pressure/cpu; then echo yes; else echo no; fi 2>/dev/null
s tools
for one in timeout systemctl journalctl python3 py-spy gdb eu-stack jcmd curl wget gzip; do
  where=$(command -v "$one" 2>/dev/null) && echo "$one $where"
done
root=
s sudo
if [ "$(id -u)" = 0 ]; then echo root
elif ! command -v sudo >/dev/null 2>&1; then echo absent
elif [ "$may" = sudo ]; then
  if $bounded sudo -n true 2>/dev/null; then root='sudo -n'; echo full
  elif $bounded sudo -n -l 2>/dev/null | grep -q NOPASSWD; then echo some
  else echo refused; fi
else echo absent; fi
s journal
if [ ! -d /var/log/journal ] && [ ! -d /run/log/journal ]; then echo none
elif command -v journalctl >/dev/null 2>&1; then
  if [ -n "$($bounded $root journalctl -q -n 1 --no-pager 2>/dev/null)" ]; then echo yes; else echo no; fi
fi
while [ $# -ge 3 ]; do
  s "service $1"
  pids=
  if [ -n "$2" ] && command -v systemctl >/dev/null 2>&1; then
    shown=$($bounded systemctl show -p LoadState -p ActiveState -p MainPID -- "$2" 2>/dev/null)
    printf '%s\n' "$shown"
    pids=$(printf '%s\n' "$shown" | sed -n 's/^MainPID=\([1-9][0-9]*\)$/\1/p')
  fi
  if [ -z "$pids" ] && [ -n "$3" ]; then
    pids=$(set +f; grep -a -s -H '' /proc/[0-9]*/cmdline | tr '\000' ' ' | grep -v -F -e hangbot-mark- |
      grep -F -e "$m" -e "$3" | sed -n 's|^/proc/\([0-9]*\)/cmdline:.*|\1|p')
  fi
  echo pids=$pids
  for p in $pids; do
    echo "owner=$(stat -c %U "/proc/$p" 2>/dev/null)"
    # proc_pid_mem(5): who may open it may trace
    if (: <"/proc/$p/mem") 2>/dev/null; then echo trace=yes
    elif [ -n "$root" ] && $root sh -c ': <"/proc/$1/mem"' sh "$p" 2>/dev/null; then echo trace=yes
    elif [ -d "/proc/$p" ]; then echo trace=no; fi
    break
  done
  shift 3
done
s end
