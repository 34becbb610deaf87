# --- stacks
reducer=; for c in python3 /usr/bin/python3 /usr/local/bin/python3 "$P/exe"; do
  "$c" -I -S -c 'import sys, hashlib, json; sys.exit(sys.version_info < (3, 6) or not hasattr(hashlib, "blake2b"))' 2>/dev/null </dev/null && reducer=$c && break
done
compact() { awk '
  function rest(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line }
  function flush(   i) { if (open) { for (i = 1; i <= depth; i++) if (i <= 200 || i > depth - 100) print "F", frame[i]; print "N", depth } depth = 0; open = 0 }
  /^    "thread_id":/ { flush(); id = rest($0) }
  /^    "thread_name":/ { name = rest($0) }
  /^    "os_thread_id":/ { tid = rest($0) }
  /^    "active":/ { active = rest($0) }
  /^    "owns_gil":/ { if (threads++ >= 200) exit; print "T", id, tid, active, rest($0), name; open = 1 }
  /^        "name":/ { called = rest($0) }
  /^        "filename":/ { file = rest($0) }
  /^        "line":/ { frame[++depth] = rest($0) " " called " " file }
  END { flush() }'; }
tracer=$(sed -n 's/^TracerPid:[[:space:]]*//p' $P/status 2>/dev/null)
way=; case $was in D|T|t) way=--nonblocking;; esac; [ "${tracer:-0}" = 0 ] || way=--nonblocking
# a thread that waits for a file system cannot be stopped: whoever tries waits with it, and takes from it the way back by a signal
cat $P/task/*/wchan 2>/dev/null | grep -q -e request_wait_answer -e rpc_wait_bit -e nfs_wait && way=--nonblocking
[ "$gentle" = gentle ] && way=--nonblocking
least=100000 most=0 failed=0 dear=0 # how often locals took too long: each frame's take the sampler up to 5 ms, and it holds the target meanwhile
deepest() { printf '%s\n' "$rows" | awk '/^N/ && $2 > most { most = $2 } END { print most + 0 }'; }
measure() { # how deep the deepest stack of a dump is, at least and at most
  depths=$(printf '%s\n' "$rows" | awk -v mark="$m" -v least=$least -v most=$most '
    function one() { if (deep) { if (deep < least) least = deep; if (deep > most) most = deep }; deep = 0 }
    index($0, mark) == 1 { one() } /^N/ && $2 > deep { deep = $2 } END { one(); print least, most }')
  least=${depths% *} most=${depths#* }
}
dump() { # $1: locals or plain
  over 6000 && return 1
  [ $told -lt 600000 ] || return 1 # many threads, or deep ones: what more of them would tell is not worth the way
  from=$(ms)
  if [ "$1" = locals ]; then out=$(t $brief "$spy" dump --pid "$pid" --json --full-filenames $way -l -l 2>&1)
  else out=$(t 2 "$spy" dump --pid "$pid" --json --full-filenames $way 2>&1); fi
  code=$?; to=$(ms)
  case $out in
    '['*) if [ "$1" = locals ]; then rows=$(printf '%s\n' "$out" | HANGBOT_SALT=$salt t 2 "$reducer" -I -S -c "$reduce" 2>/dev/null)
          else rows=$(printf '%s\n' "$out" | compact); fi
          case $rows in T*) ;; *) dear=2; s "failed $code ${way:-blocking} $(( to - from ))"; return 1;; esac
          heads="$heads
$from"
          s "dump $(( from - begin )) $(( to - from )) $1 ${way:-blocking}"; printf '%s\n' "$rows"; told=$(( told + ${#rows} ))
          measure
          unnumbered="$unnumbered
$(printf '%s\n' "$rows" | awk '$1 == "T" && $3 !~ /^[0-9]/ { print $2 }')"
          dumps="$dumps
$(printf '%s\n' "$rows" | awk '/^F/ && !seen[$0]++ && ++count < 2000')"; return 0;;
    *) failed=$(( failed + 1 )); [ "$1" = plain ] || [ $(( to - from )) -lt 900 ] || dear=$(( dear + 1 ))
       case $1$code in locals124|locals137) dear=2;; esac
       s "failed $code ${way:-blocking} $(( to - from ))"; printf '%s\n' "$out" | head -c 600; return 1;;
  esac
}
dumps= heads= unnumbered= told=0
numbers() { # before Python 3.11 a sampler that does not stop its target knows threads by their pthread alone, where the kernel's number stands too
  case $(uname -m) in x86_64) at="720 48" ;; aarch64) at="208 32" ;; *) return ;; esac # glibc's struct pthread, and musl's
  s numbers; printf '%s\n' "$unnumbered" | grep '^[0-9]' | sort -u | head -n 100 | while read -r ident; do
    printf '%s' "$ident"; for a in $at; do printf ' %s' "$(t 1 dd if=$P/mem bs=1 skip=$(( ident + a )) count=4 2>/dev/null | od -An -v -tu4 2>/dev/null)"; done; echo
  done
}
brief=1; timeout 0.45 true 2>/dev/null && brief=0.45 # a stack may have grown deep meanwhile, and the target stands still for as long
if [ -z "$python" ]; then s notpython
elif [ -z "$spy" ]; then s nosampler
else
  salt=$(od -An -N 16 -tx1 /dev/urandom 2>/dev/null | tr -d ' \n')
  [ -n "$salt" ] || reducer=
  again() { [ -n "$reducer" ] && [ $dear -lt 2 ] && dump locals; }
  [ -n "$reducer" ] || s noreducer
  dump plain; shallow() { [ $most -lt 150 ]; }
  [ -n "$dumps" ] && ! shallow || again || again || [ -n "$dumps" ] || dump plain
  values() { [ $burnt -ge 12 ] && { [ $most -lt 200 ] || { [ $i = 2 ] && [ $most -lt 400 ]; }; } && again; } # of a deep stack they take long
  for i in 1 2 3 4; do values || dump plain; { [ $failed -ge 4 ] && [ -z "$dumps" ] || over 6000; } && break; sleep 0.12; done
  # a stack that is being torn down reads as no interpreter at all: every second dump of a fast recursion on Python 3.13
  tries=0; while [ -z "$dumps" ] && [ $tries -lt 20 ] && ! over 5000; do
    case $out in *"a python interpreter"*|*"get_stack_trace"*|*"Failed to copy"*) ;; *) break;; esac
    dump plain; tries=$(( tries + 1 )); sleep 0.03
  done
  if [ -z "$dumps" ] && [ -z "$way" ]; then way=--nonblocking; for i in 1 2 3 4 5; do over 6000 && break; dump plain; sleep 0.1; done; fi
  if [ -n "$dumps" ]; then
    # who goes round in a circle is told from who gets on by many values of the same names
    until=$(( $(ms) + window ))
    if [ $burnt -ge 12 ] && [ -n "$reducer" ] && [ $dear = 0 ] && [ $most -lt 200 ] && [ "$(deepest)" -lt 100 ] && [ ${#rows} -lt 16000 ] && ! over 5000; then
      many=$(HANGBOT_SALT=$salt t 4 "$reducer" -I -S -c "$reduce" "$m" "$begin" "$(ms)" $window 30 "$spy" dump --pid "$pid" --json --full-filenames $way -l -l 2>/dev/null </dev/null)
      printf '%s\n' "$many"
      rows=$many told=$(( told + ${#many} )); measure; dumps="$dumps
$(printf '%s\n' "$many" | awk '/^F/ && !seen[$0]++ && ++count < 2000')"
    fi
    if [ $burnt -ge 2 ]; then n=$(printf '%s\n' "${many:-}" | grep -c '^N'); while [ $n -lt 30 ] && [ "$(ms)" -lt $until ] && [ "$(deepest)" -lt 900 ]; do dump plain; n=$(( n + 1 )); done; fi
    ! shallow || again || again
  fi
  # read as it runs, a stack that changes fast is whole only now and then, and the deeper the rarer: one dump in five of
  # a recursion on Python 3.11. One that was seen to deepen is watched until it shows how deep it goes.
  tries=0 whole=$(printf '%s\n' "$heads" | grep -c .)
  few() { [ "$gentle" = gentle ] && [ "$whole" -lt 8 ]; }
  deepens() { [ $most -ge $(( least + 40 )) ] && [ $most -lt 900 ] && ! over 4500 && { [ $most -lt 500 ] || [ "$whole" -lt 16 ]; }; }
  while [ $burnt -ge 2 ] && { few || deepens; } && [ $tries -lt 60 ] && ! over 5500; do
    dump plain && whole=$(( whole + 1 )); tries=$(( tries + 1 ))
  done
  # whether the interpreter collects garbage is told by its native frames alone, and each thread's take the target some
  # milliseconds: asked only of a few that compute in plain sight
  simple() { [ "$(ls $P/task | wc -l)" -le 8 ] && [ "$(grep -c 'r-x.*[.]so' $P/maps)" -le 60 ]; }
  tries=0 most_tries=3; [ $burnt -ge 25 ] && [ -n "$dumps" ] && [ -z "$way" ] && [ "$(deepest)" -lt 100 ] && simple || most_tries=0
  while [ $tries -lt $most_tries ] && ! over 5000; do
    from=$(ms); native=$(t 1 "$spy" dump --native --pid "$pid" 2>/dev/null) || { s "native $(( $(ms) - from ))"; break; }
    case $native in *[\ _]gc_collect*|*PyGC_Collect*) most_tries=6 ;; esac
    s "native $(( $(ms) - from ))"; printf '%s\n' "$native" | awk '
      /^Thread .*\(active/ { print "T"; n = 0 } /^Thread / && !/\(active/ { n = 99 }
      /^    [A-Za-z_][A-Za-z0-9_]* \([^)]*(\.so[0-9.]*|python[0-9.]*)\)$/ && n++ < 6 { print "N " $1 }'
    tries=$(( tries + 1 )); sleep 0.05
  done
  case $unnumbered in *[0-9]*) numbers ;; esac
fi
