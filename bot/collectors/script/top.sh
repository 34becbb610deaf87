# --- the busiest processes: CPU ticks over a short while, memory, state, threads; ours are left out
look() { (set +f; cat /proc/[0-9]*/stat 2>/dev/null) | sed 's/^\([0-9]*\) (.*) /\1 /'; }
read -r then _ </proc/uptime
one=$(look); sleep 0.7 2>/dev/null || sleep 1; two=$(look)
read -r now _ </proc/uptime
s "span $then $now"; getconf PAGESIZE 2>/dev/null || echo 4096
ranked=$(printf '%s\n--\n%s\n' "$one" "$two" | awk -v me=$$ '
  /^--$/ { second = 1; next }
  !second { was[$1] = $13 + $14; began[$1] = $21; next }
  { used = ($1 in was) && began[$1] == $21 ? $13 + $14 - was[$1] : 0; if ($1 != me && $3 != me && $2 != "Z") print used, $23, $1, $2, $19 }' |
  sort -k1,1rn -k2,2rn)
s busiest
{ printf '%s\n' "$ranked" | head -n 12; printf '%s\n' "$ranked" | sort -k2,2rn | head -n 5; } | awk '!seen[$3]++' |
  while read -r used pages p st n; do
    printf '%s %s %s %s %s %s\n' "$p" "$used" "$pages" "$st" "$n" \
      "$(tr '\000\n' '  ' <"/proc/$p/cmdline" 2>/dev/null | cut -c 1-300)|$(cat "/proc/$p/comm" 2>/dev/null)"
  done
s end
