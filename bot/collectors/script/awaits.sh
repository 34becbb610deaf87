# --- which task awaits which: only the very interpreter of the process can tell, from 3.14 on
own=$(readlink $P/exe 2>/dev/null)
if [ -n "$dumps" ] && [ "$burnt" -lt 12 ] && ! over 6500; then
  case "$own $(cat $P/maps 2>/dev/null | grep -o -m 1 'python3\.[0-9]*')" in
    *python3.1[4-9]*) case $dumps in */asyncio/*)
      [ -x "$own" ] && [ "$(readlink $P/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] && for i in 1 2 3; do
        over 7500 && break
        rows=$(t 2 "$own" -I -S -c "$awaits" "$pid" 2>/dev/null </dev/null | head -n 4000) # a loop that is at work changes under the reader
        case $rows in K*) s awaits; printf '%s\n' "$rows"; dumps="$dumps
$(printf '%s\n' "$rows" | grep '^F' | sort -u | head -n 300)"; break;; esac
        sleep 0.1
      done;; esac;;
  esac
fi
