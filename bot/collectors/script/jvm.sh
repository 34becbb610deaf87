# --- the threads of a JVM, with the locks they hold and want, as its own tools print them at a safepoint
java=; case $(readlink $P/exe 2>/dev/null) in */java|*/java' (deleted)') java=1;; esac
[ -n "$java" ] || { grep -q -s 'libjvm\.so' $P/maps && java=1; }
jvm_tool() { # the tools beside the JVM itself, in its own container first: `$jcmd`, and how to be there as its user in `$there`
  home=$(readlink $P/exe 2>/dev/null); home=${home%/*}; there= jcmd= inner=$pid
  user=$(awk '/^Uid:/ { print $3 }' $P/status 2>/dev/null); group=$(awk '/^Gid:/ { print $3 }' $P/status 2>/dev/null)
  apart=; [ "$(readlink $P/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] || apart=1
  names="${home#/} ${home#/}/../../bin usr/bin usr/local/bin opt/java/openjdk/bin"
  for c in $names; do for n in jcmd jstack; do [ -n "$jcmd" ] || ! [ -x "$P/root/$c/$n" ] || jcmd=/$c/$n; done; done
  if [ -n "$apart" ] && [ -n "$jcmd" ] && command -v nsenter >/dev/null 2>&1; then
    there="nsenter -t $pid -m -p -S $user -G $group --"; inner=$(awk '/^NSpid:/ { print $NF }' $P/status)
    return
  fi
  [ -z "$apart" ] || jcmd=
  [ -n "$jcmd" ] || jcmd=$(command -v jcmd || command -v jstack)
  [ "$(id -u)" = "$user" ] || ! command -v setpriv >/dev/null 2>&1 || there="setpriv --reuid $user --regid $group --clear-groups --"
}
jvm() { # $1 seconds, then what it is asked
  n=$1; shift
  t "$n" $there "$jcmd" -J-XX:-UsePerfData -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -J-Xmx64m -J-Dsun.tools.attach.attachTimeout=2500 "$inner" "$@" 2>&1 </dev/null
}
jvm_threads() { case $jcmd in *jcmd) jvm "$1" Thread.print -l;; *) t "$1" $there "$jcmd" -l "$inner" 2>&1 </dev/null;; esac; }
jvm_frames() { awk '
  function flush(   i) { for (i = 1; i <= n; i++) if (i <= 200 || i > n - 100) printf "%s", kept[i]; if (n > 300) print "\t... " n - 300; n = 0 }
  /^\tat / && threads <= 400 { kept[++n] = $0 "\n"; next }
  /^\t- / && n { kept[n] = kept[n] $0 "\n"; next }
  { flush() }
  /^"/ { threads++ }
  /^0x/ || threads > 400 && !/^Found|^Java stack|^=/ { next }
  { print }
  END { flush() }' | head -c 700000; }
jvm_counters() { case $jcmd in *jcmd) s "jvmcounters $(( $(ms) - begin ))"; jvm 2 PerfCounter.print | grep -E '^sun\.(rt\.safepoint(s|Time)|os\.hrt\.frequency|gc\.collector\.[0-9]+\.(time|invocations)|gc\.generation\.1\.(maxCapacity|space\.0\.(used|capacity)))=';; esac; }
jvm_overflows() { s jvmoverflows; jvm 2 VM.info | grep -e '^StackOverflowErrors='; }
jvm_dump() { # $1 seconds
  from=$(ms); out=$(jvm_threads "$1" | jvm_frames); to=$(ms)
  case $out in
    *'Full thread dump'*) s "jvm $(( from - begin )) $(( to - from ))"; printf '%s\n' "$out";;
    *) s "jvmfailed $(( to - from ))"; printf '%s\n' "$out" | head -c 600; return 1;;
  esac
}
if [ -n "$java" ]; then
  jvm_tool
  quit=; case $(awk '/^SigCgt:/ { print $2 }' $P/status 2>/dev/null) in *[4567cdef]) quit=1;; esac # what attaches sends SIGQUIT: without a handler that ends the JVM
  if [ "$gentle" = gentle ]; then s jvmgentle
  elif [ -z "$jcmd" ]; then s jvmnotool
  elif [ -z "$quit" ]; then s jvmnoattach
  elif case $was in D|T|t) true;; *) [ "${tracer:-0}" != 0 ];; esac; then s jvmheld
  elif [ "$(id -u)" != 0 ] && [ "$(id -u)" != "$user" ]; then s jvmdenied
  else
    jvm_counters
    if jvm_dump 5; then
      for i in 1 2; do over 6500 && break; sleep 0.3; jvm_dump 2 || break; done
      jvm_counters
      case $out in *' 724'*) [ $burnt -lt 2 ] || over 6500 || { jvm_overflows; sleep 0.1; jvm_overflows; };; esac
    else rm -f "$P/cwd/.attach_pid$inner" "$P/root/tmp/.attach_pid$inner" 2>/dev/null
    fi
  fi
fi
