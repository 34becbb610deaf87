# --- which locks its threads wait for, and whether it is a fork of its parent that never became another program
up=$(sed 's/.*) //' $P/stat 2>/dev/null | awk '{ print $2 }')
mark() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$26 > 0 && $46 > 0 { print $26, $46 }'; } # where stack and arguments begin: chance sets them anew at each exec
s parent; own=$(mark "$pid"); [ "${up:-0}" -gt 1 ] && [ -n "$own" ] && [ "$own" = "$(mark "$up")" ] && printf '%s %s\n' "$up" "$(ls /proc/"$up"/task 2>/dev/null | wc -l | tr -d ' ')"
if [ -n "$dumps" ] && [ -n "$reducer" ] && ! over 7000 && cat $P/task/*/syscall 2>/dev/null | awk '($1 == 202 || $1 == 98) && $5 == "0x0" { found = 1 } END { exit !found }'; then
  s lockowners; t 4 "$reducer" -I -S -c "$lock_owners" "$pid" 3 2>/dev/null </dev/null | head -n 400
fi
