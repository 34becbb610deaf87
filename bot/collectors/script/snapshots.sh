# --- two snapshots around a window without any ptrace stop
snap() {
  s "snapshot $(( $(ms) - begin ))"
  grep -a -s -H '' $P/task/*/stat $P/task/*/schedstat $P/task/*/wchan $P/task/*/syscall | head -n 4000
  grep -a -s -H -e '^Name:' -e 'ctxt' -e '^TracerPid' -e '^VmSwap' -e '^NSpid' $P/status $P/task/*/status | head -n 3000
  grep -a -s -H -e '^rchar' -e '^wchar' $P/io
  pressure
}
ticks() { sed 's/.*) //' $P/stat 2>/dev/null | awk '{ print $12 + $13 }'; }
was=$(state); before=$(ticks)
snap; sleep 0.5; snap
after=$(ticks); burnt=$(( ${after:-0} - ${before:-0} ))
s cpus; sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' $P/status 2>/dev/null; grep -c '^cpu[0-9]' /proc/stat
s stacks; grep -a -s -H '' $P/task/*/stack | head -n 600
