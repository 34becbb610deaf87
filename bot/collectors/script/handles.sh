# --- what it holds and what it waits for
s fds; ls -l $P/fd 2>/dev/null | awk 'NR > 1 { print $(NF-2), $NF }' | head -n 400
inodes=$(ls -l $P/fd 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p' | head -n 300)
for f in tcp tcp6 udp udp6; do
  s "net $f"; [ -n "$inodes" ] && awk -v want="$inodes" 'BEGIN { n = split(want, w); for (i = 1; i <= n; i++) has[w[i]] = 1 } ($10 in has)' $P/net/$f 2>/dev/null
done
s listening; over 8000 || awk '$4 == "0A" { print $2 }' $P/net/tcp $P/net/tcp6 2>/dev/null | sort -u | head -n 200
s unixsockets; [ -n "$inodes" ] && awk -v want="$inodes" 'BEGIN { n = split(want, w); for (i = 1; i <= n; i++) has[w[i]] = 1 } ($7 in has)' $P/net/unix 2>/dev/null | head -n 100
s pipeends # who else has its pipes: looked for only where a thread waits in one
if grep -a -s -q pipe $P/task/*/wchan && ! over 7000; then
  ends=$(t 2 sh -c 'ls -l /proc/[0-9]*/fd' 2>/dev/null | awk -v own="$pid" -v want="$(ls -l $P/fd 2>/dev/null | sed -n 's/.*\(pipe:\[[0-9]*\]\).*/\1/p' | head -n 40)" '
    BEGIN { n = split(want, w, "\n"); for (i = 1; i <= n; i++) has[w[i]] = 1 }
    /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); p = part[3]; next }
    ($NF in has) && p != own && !seen[$NF, p]++ { print $NF, p, ($1 ~ /^l.w/ ? "writes" : "reads") }' | head -n 40)
  printf '%s\n' "$ends" | while read -r pipe p way; do
    [ -n "$p" ] && printf '%s %s %s %s. %s\n' "$pipe" "$p" "$way" "$(cat /proc/"$p"/wchan 2>/dev/null)" "$(tr '\000\n' '  ' </proc/"$p"/cmdline 2>/dev/null | cut -c 1-200)"
  done
fi
s unixpeers; [ -n "$inodes" ] && command -v ss >/dev/null 2>&1 && t 1 ss -H -x -p 2>/dev/null | awk -v want="$inodes" '
  BEGIN { n = split(want, w); for (i = 1; i <= n; i++) has[w[i]] = 1 } ($8 in has) { print $8, $5, $9 }' | head -n 60
listening=$(awk '$4 == "0A" { print "socket:[" $10 "]" }' $P/net/tcp $P/net/tcp6 2>/dev/null | head -n 400)
s serving; [ -n "$listening" ] && for c in $(cat $P/task/*/children 2>/dev/null | head -c 300); do # children that listen
  ls -l /proc/"$c"/fd 2>/dev/null | grep -q -F -e "$listening" && echo "$c"
done
s children; for c in $(cat $P/task/*/children 2>/dev/null | head -c 600); do
  w=$(cat /proc/"$c"/wchan 2>/dev/null); grep -a -s -q pipe_write /proc/"$c"/task/*/wchan && w=pipe_write
  printf '%s %s %s %s\n' "$c" "$(sed 's/.*) //;s/ .*//' /proc/"$c"/stat 2>/dev/null)" "$w." "$(tr '\000\n' '  ' </proc/"$c"/cmdline 2>/dev/null | cut -c 1-200)"
done | head -n 60
s locks; cat /proc/locks 2>/dev/null | head -n 200
s lockholders; for h in $(awk '{ for (i = 1; i <= NF; i++) if ($i == "READ" || $i == "WRITE") print $(i + 1) }' /proc/locks 2>/dev/null | sort -un | head -n 40); do
  [ "$h" != "$pid" ] && printf '%s %s\n' "$h" "$(tr '\000\n' '  ' </proc/"$h"/cmdline 2>/dev/null | cut -c 1-200)"
done
s inodes; stat -L -c '%i %n' $P/fd/* 2>/dev/null | head -n 400
