# --- the log alone: of the unit, whether it runs or not, else of the process; $5 seconds, $6 lines
seconds=$sampler lines=$early
if [ -n "$unit" ] && unit_log "$unit" "$seconds" "$lines"; then s end; exit 0; fi
