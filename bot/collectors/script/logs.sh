# --- how a log is had: the journal of a unit, else the file that a process writes its errors to, else the journal of the process
journal() { # $1 seconds, $2 lines, then what journalctl is to match; rows of JSON, notes of its own between them
  command -v journalctl >/dev/null 2>&1 || return 1
  ago=$1 most=$2; shift 2
  fields=--output-fields=MESSAGE,PRIORITY,_PID
  journalctl $fields -n 0 >/dev/null 2>&1 || fields=
  t 4 journalctl --no-pager -o json $fields --since="-${ago}s" -n "$most" "$@" 2>&1 </dev/null | head -c 600000
}
unit_log() { # $1 unit, $2 seconds, $3 lines; fails where the journal has nothing of it
  command -v journalctl >/dev/null 2>&1 || { s "log none nojournal"; return 1; }
  rows=$(journal "$2" "$3" -u "$1")
  s "log unit $1"; printf '%s\n' "$rows"
  case $rows in *'{"'*) return 0;; *) return 1;; esac
}
process_log() { # $1 pid, $2 seconds, $3 lines
  for n in 2 1; do
    file=$(readlink "/proc/$1/fd/$n" 2>/dev/null) || { s "log none unreadable"; continue; }
    case $file in
      /dev/*|*' (deleted)') s "log none $file" ;;
      /*) if [ -f "/proc/$1/fd/$n" ] && [ -r "/proc/$1/fd/$n" ]; then
            s "log file $file"; t 3 tail -n "$3" "/proc/$1/fd/$n" 2>/dev/null | tail -c 600000; return 0
          fi; s "log none unreadable" ;;
      *) s "log none $file" ;;
    esac
  done
  command -v journalctl >/dev/null 2>&1 && { s "log process $1"; journal "$2" "$3" "_PID=$1"; }
}
