# --- two snapshots around a window without any ptrace stop
snap() {
  s "snapshot $(( $(ms) - begin ))"
  grep -a -s -H '' $P/task/*/stat $P/task/*/schedstat $P/task/*/wchan $P/task/*/syscall | head -n 4000
  grep -a -s -H -e '^Name:' -e 'ctxt' -e '^TracerPid' -e '^VmSwap' -e '^NSpid' $P/status $P/task/*/status | head -n 3000
  grep -a -s -H -e '^rchar' -e '^wchar' $P/io
  pressure
}
ticks() { sed 's/.*) //' $P/stat 2>/dev/null | awk '{ print $12 + $13 }'; }
queue() { grep -s -H '' $P/task/*/schedstat | sed 's/:/ /'; }
was=$(state); before=$(ticks) queued=$(queue)
snap; sleep 0.5; snap
after=$(ticks); burnt=$(( ${after:-0} - ${before:-0} )) window=800 # ms in which many samples are taken
# on a crowded machine a thread that wants a core gets little of it: what it waited for counts as burnt, and it is looked at for longer
hottest=$(printf '%s\n' "$queued" - "$(queue)" | awk '
  $1 == "-" { then = 1; next } !then { ran[$1] = $2; waited[$1] = $3; next }
  $1 in ran && $2 - ran[$1] + $3 - waited[$1] > most { most = $2 - ran[$1] + $3 - waited[$1]; late = ($3 - waited[$1]) * 2 > most }
  END { print int(most / 10000000), late + 0 }')
if [ "${hottest#* }" = 1 ] && [ "${hottest% *}" -ge 20 ]; then window=2400; [ "${hottest% *}" -le "$burnt" ] || burnt=${hottest% *}; fi
s cpus; sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' $P/status 2>/dev/null; grep -c '^cpu[0-9]' /proc/stat
s stacks; grep -a -s -H '' $P/task/*/stack | head -n 600
