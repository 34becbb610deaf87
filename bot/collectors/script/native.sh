# --- the threads of a native program, as gdb or eu-stack see them, and the mutexes that they wait for
mutexes() { # a contended mutex of glibc: its word is 2, and whose it is stands 8 bytes on. Nothing is stopped for it
  case $(uname -m) in x86_64) futex=202 ;; aarch64) futex=98 ;; *) return ;; esac
  s mutexes
  grep -a -s -H "^$futex " $P/task/*/syscall | head -n 200 | while read -r head addr op word _; do
    tid=${head%/syscall:*}; tid=${tid##*/}
    case $(( op & 127 ))$(( word )) in 02) ;; *) continue ;; esac
    at=$(( addr )); set -- $(t 1 dd if=$P/mem bs=1 skip=$at count=12 2>/dev/null | od -An -v -tu4 2>/dev/null)
    [ "${1:-0}" = 2 ] && [ "${3:-0}" -gt 0 ] && printf '%s %s %s %s\n' "$tid" "$addr" "$3" "$([ -d "$P/task/$3" ] && echo here || echo gone)"
  done
}
native_rows() { awk '
  function quote(text) { gsub(/["\\\t]/, "", text); return "\"" text "\"" }
  function flush(   i) { if (tid) { for (i = 1; i <= depth; i++) if (i <= 100 || i > depth - 50) print "F", frame[i]; print "N", depth } depth = 0; tid = "" }
  function add(called, file, line) { if (threads <= 100) frame[++depth] = (line + 0) " " quote(called) " " quote(file) }
  /^Thread [0-9]+ \(/ { flush(); match($0, /LWP [0-9]+/); if (!RSTART) match($0, /process [0-9]+/); tid = substr($0, RSTART, RLENGTH); sub(/^[A-Za-z]+ /, "", tid)
    called = ""; if (match($0, /"[^"]*"/)) called = substr($0, RSTART + 1, RLENGTH - 2)
    if (++threads <= 100) print "T", 0, tid, "true false", quote(called); next }
  /^TID [0-9]+:/ { flush(); tid = $2; sub(/:.*/, "", tid); if (++threads <= 100) print "T", 0, tid, "true false \"\""; next }
  /^#[0-9]+ / && tid { line = $0; sub(/^#[0-9]+ +/, "", line); addr = 0
    if (line ~ /^0x[0-9a-f]+ in /) sub(/^0x[0-9a-f]+ in /, "", line)
    else if (line ~ /^0x[0-9a-f]+ /) { # eu-stack: ADDRESS FUNCTION - MODULE, then FILE:LINE:COLUMN in a line of its own
      sub(/^0x[0-9a-f]+ (- [0-9]+ )?/, "", line); file = ""; if (match(line, / - \//)) { file = substr(line, RSTART + 3); line = substr(line, 1, RSTART - 1) }
      sub(/^- [0-9]+ */, "", line); add(line == "" ? "??" : line, file, 0); next }
    file = ""; number = 0
    if (match(line, /\) at [^ ].*:[0-9]+$/)) { file = substr(line, RSTART + 5); number = file; sub(/^.*:/, "", number); sub(/:[0-9]+$/, "", file); line = substr(line, 1, RSTART) }
    else if (match(line, /\) from [^ ].*$/)) { file = substr(line, RSTART + 7); line = substr(line, 1, RSTART) }
    sub(/ \([^()]*(\([^()]*\)[^()]*)*\)$/, "", line); add(line, file, number); next }
  /^    [^ ].*:[0-9]+(:[0-9]+)?$/ && depth { file = $0; sub(/^ +/, "", file); sub(/:[0-9]+$/, "", file); number = file
    if (file ~ /:[0-9]+$/) { sub(/^.*:/, "", number); sub(/:[0-9]+$/, "", file) }
    split(frame[depth], part, "\""); if (part[4] !~ /[.]so([.][0-9.]*)?$/) frame[depth] = number " \"" part[2] "\" \"" file "\"" }
  END { flush() }' | sed 's|"[^"]*" ""$|&|'; }
slow_to_read() { # a program whose symbols take long would stand still for as long
  case $debugger in *gdb) from=$(ms); t 2 "$debugger" -nx -nh -q -batch -iex 'set auto-load off' -iex 'set debuginfod enabled off' "$P/exe" >/dev/null 2>&1 </dev/null || return 0; [ $(( $(ms) - from )) -gt 1200 ] ;; *) false ;; esac
}
native_dump() {
  from=$(ms)
  case $debugger in
    *gdb) # its symbols are read before it is stopped
      out=$(cd / && t 3 "$debugger" -nx -nh -q -batch -iex 'set auto-load off' -iex 'set debuginfod enabled off' -ex 'set pagination off' -ex 'set print frame-arguments none' -ex 'set print entry-values no' \
        -ex 'set filename-display absolute' -ex 'shell echo STOPS $(date +%s%3N)' -ex "attach $pid" -ex 'thread apply all bt 150' -ex detach \
        -ex 'shell echo RUNS $(date +%s%3N)' "$P/exe" 2>/dev/null </dev/null) ;;
    *) out=$(t 3 "$debugger" -s -m -n 150 -p "$pid" 2>/dev/null </dev/null) ;;
  esac
  to=$(ms); held=$(printf '%s\n' "$out" | awk '$1 == "STOPS" && $2 ~ /^[0-9]+$/ { at = $2 } $1 == "RUNS" && at && $2 ~ /^[0-9]+$/ { print $2 - at }')
  held=${held:-$(( to - from ))}
  rows=$(printf '%s\n' "$out" | native_rows | sed "s|^\(F 0 \"[^\"]*\" \)\"\"\$|\1\"$exe\"|")
  case $rows in T*) ;; *) s "failed 1 blocking $(( to - from ))"; printf '%s\n' "$out" | head -c 300; return 1 ;; esac
  s "dump $(( from - begin )) $held plain blocking"; printf '%s\n' "$rows"
  dumps="$dumps
$(printf '%s\n' "$rows" | awk '/^F [1-9]/ && !seen[$0]++ && ++count < 500')"
}
outside_dump() { # without a debugger: the threads alone, each in a function without a name, so that what they wait in counts
  s "dump $(( $(ms) - begin )) 0 plain --nonblocking"
  for f in $(ls -d $P/task/* 2>/dev/null | head -n 100); do
    printf 'T 0 %s true false "%s"\nF 0 "??" "%s"\nN 1\n' "${f##*/}" "$(tr -d '"\\\n' <"$f/comm" 2>/dev/null)" "$exe"
  done
}
if [ -z "$python" ] && [ -z "$java" ]; then
  exe=$(readlink $P/exe 2>/dev/null); exe=${exe% (deleted)}; exe=$(printf '%s' "$exe" | tr -d '"\\|&')
  script=; case ${exe##*/} in node*|ruby*|php*|perl*|beam*|lua*) script=1 ;; esac # a debugger would show their interpreter
  debugger=; for c in gdb eu-stack; do [ -n "$debugger" ] || debugger=$(command -v $c); done
  tracer=$(sed -n 's/^TracerPid:[[:space:]]*//p' $P/status 2>/dev/null)
  mutexes
  no=
  if [ -z "$exe" ]; then no=unread
  elif [ -n "$script" ]; then no=script
  elif [ "$gentle" = gentle ]; then no=gentle
  elif [ "$(readlink $P/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]; then no=apart
  elif [ -z "$debugger" ]; then no=notool
  elif case $was in D|T|t|Z) true ;; *) [ "${tracer:-0}" != 0 ] ;; esac; then no=held
  elif cat $P/task/*/wchan 2>/dev/null | grep -q -e request_wait_answer -e rpc_wait_bit -e nfs_wait; then no=held
  elif slow_to_read; then no=slow
  fi
  if [ -n "$no" ]; then s "native$no"; [ $no = unread ] || outside_dump
  else
    s nativetool; printf '%s\n' "${debugger##*/}"
    native_dump || outside_dump
    [ -z "$dumps" ] || for i in 1 2 3; do { [ $i -gt 1 ] && [ $burnt -lt 12 ]; } || over 5000 || { sleep 0.2; native_dump || break; }; done
  fi
fi
