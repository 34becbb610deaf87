# --- without a process there is nothing to look at
if [ -z "$pid" ] || ! [ -r "/proc/$pid/stat" ]; then s none; s end; exit 0; fi
P=/proc/$pid
