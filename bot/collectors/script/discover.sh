LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
s() { printf '\n%s %s\n' "$1" "$2"; }
m=$1
s "$m" listening
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print $2, $10 }' | head -n 2000
inodes=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print "socket:[" $10 "]" }')
s "$m" holders
pids=
if [ -n "$inodes" ]; then
  held=$(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F -e '/proc/' -e "$inodes")
  printf '%s\n' "$held"
  pids=$(printf '%s\n' "$held" | awk '/^\/proc\// { split($1, part, "/"); pid = part[3]; next } /socket:/ && !seen[pid]++ { print pid }')
fi
for p in $pids; do
  s "$m" "process $p"
  cat "/proc/$p/comm"
  printf '%s\n' "$(tr '\000\n' '  ' <"/proc/$p/cmdline" | cut -c 1-500)"
  printf '%s\n' "$(awk -F : '($2 == "" || $2 == "name=systemd") && $3 != "/" { path = $3 } END { print path }' "/proc/$p/cgroup")"
  stat -c %U "/proc/$p"
  sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status"
done 2>/dev/null
s "$m" end
