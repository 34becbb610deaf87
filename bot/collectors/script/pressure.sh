# --- what the kernel keeps from it: by its control groups and those above them, and by the whole host
groups=
upwards() { # $1 where the groups are mounted, $2 the process's own
  g=$2; n=0
  while [ $n -lt 12 ]; do
    [ -d "$1$g" ] && groups="$groups
$1$g"
    [ -n "${g#/}" ] || break
    g=${g%/*}; n=$(( n + 1 ))
  done
}
while IFS=: read -r _ kinds path; do
  case ",$kinds," in
    ,,) at=/sys/fs/cgroup; [ -r $at/cgroup.controllers ] || at=$at/unified ;;
    *,cpu,*|*,memory,*) at=/sys/fs/cgroup/$kinds ;;
    *) continue ;;
  esac
  upwards "$at" "$path"
done <<GROUPS
$(head -n 40 $P/cgroup 2>/dev/null)
GROUPS
pressure() {
  grep -s -H -e '^some' -e '^full' /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io
  grep -s -H -e '^cpu ' -e '^procs_running' -e '^allocstall' -e '^pswpin' /proc/stat /proc/vmstat
  printf '%s\n' "$groups" | while IFS= read -r g; do
    [ -z "$g" ] || grep -s -H -e '^-*[0-9]' -e '^max' -e '^high' -e '^some' -e '^full' -e '^nr_periods' -e '^nr_throttled' -e '^throttled' -e '^workingset_refault' \
      "$g"/cpu.stat "$g"/cpu.max "$g"/cpu.cfs_quota_us "$g"/cpu.cfs_period_us "$g"/cpu.pressure "$g"/memory.pressure "$g"/memory.current "$g"/memory.max \
      "$g"/memory.high "$g"/memory.events "$g"/memory.stat "$g"/memory.usage_in_bytes "$g"/memory.limit_in_bytes "$g"/memory.failcnt
  done | head -n 300
}
