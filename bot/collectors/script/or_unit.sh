# --- a service that is down still has the files of its unit
P=/proc/${pid:-none}
if [ -z "$pid" ] || ! [ -r "$P/stat" ]; then
  pid=
  case $(t 4 systemctl show --no-pager -p LoadState -- "${unit:-none.service}" 2>/dev/null) in *=loaded*) ;; *) s none; s end; exit 0 ;; esac
fi
cwd=$([ -z "$pid" ] || readlink "$P/cwd" 2>/dev/null)
s runs; printf '%s\n' "${pid:-no}"; [ -z "$pid" ] || readlink "$P/exe" 2>/dev/null
