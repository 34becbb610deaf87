# --- where the files of a service are: its unit's, those its command line names, its folders in /etc, what lies below its own
known() { while IFS= read -r f; do [ -f "$root$f" ] && printf '%s\n' "$f"; done | sort -u | head -n 40; }
places() { # sets: name base home shown unit_files env_files named folders sites
  name=$unit
  [ -n "$name" ] || [ -n "$root" ] || name=$(sed -n 's|^.*/\([^/]*\.service\)$|\1|p' $P/cgroup 2>/dev/null | head -n 1)
  case $name in ''|*.*) ;; *) name=$name.service ;; esac
  base=${name%.*}; base=${base%%@*}
  shown=
  if [ -n "$name" ] && command -v systemctl >/dev/null 2>&1; then
    shown=$(t 2 systemctl show --no-pager -p LoadState -p FragmentPath -p DropInPaths -p EnvironmentFiles -p WorkingDirectory \
      -p NeedDaemonReload -p NRestarts -p ActiveEnterTimestampMonotonic -- "$name" 2>/dev/null)
    [ -n "$cwd" ] || cwd=$(printf '%s\n' "$shown" | sed -n 's/^WorkingDirectory=!*\(\/.*\)$/\1/p' | head -n 1)
  fi
  unit_files=$(printf '%s\n' "$shown" | sed -n 's/^FragmentPath=//p; s/^DropInPaths=//p' | tr ' ' '\n' | known)
  env_files=$(printf '%s\n' "$shown" | sed -n 's/^EnvironmentFiles=\(\/.*\) (ignore_errors=.*$/\1/p' | known)
  words=$([ -z "$pid" ] || tr '\000' '\n' <$P/cmdline 2>/dev/null | head -n 80)
  named=$(printf '%s\n' "$words" | sed 1d | while IFS= read -r w; do
    case $w in *=/*) w=/${w#*=/} ;; -*=*) w=${w#*=} ;; -[A-Za-z]/*) w=/${w#-?/} ;; esac
    case $w in /proc/*|/dev/*|/sys/*) ;; /*) printf '%s\n' "$w" ;; ''|-*) ;; *) [ -z "$cwd" ] || printf '%s\n' "$cwd/${w#./}" ;; esac
  done | known)
  home=
  for d in "$cwd" $(printf '%s\n' "$named" | sed -n 's|^\(/[^ ]*\)/[^/]*$|\1|p'); do
    case $d in ''|/|/root|/home|/tmp|/var|/var/lib|/var/log|/var/run|/var/tmp|/run|/opt|/srv|/usr|/usr/*|/bin|/sbin|/lib|/lib/*|/etc|/etc/*|/proc*|/sys*|/dev*) ;;
      *) [ -d "$root$d" ] && home=$d && break ;; esac
  done
  comm=$([ -z "$pid" ] || head -n 1 $P/comm 2>/dev/null)
  folders=$(for b in "$base" "$comm" "${home##*/}"; do
    case $b in ''|.*|*/*|python*|node|java|ruby*|php*|perl*|sh|bash|dash|systemd|init.d|ssl|current|app) continue ;; esac
    for f in /etc/$b /etc/$b.d /etc/$b.conf /etc/default/$b /etc/sysconfig/$b /etc/conf.d/$b; do [ -e "$root$f" ] && printf '%s\n' "$f"; done
  done | sort -u)
  sites=$({
    printf '%s\n' "$words" | sed -n 's|^\(.*\)/bin/[^/]*$|\1|p' | while IFS= read -r d; do
      case $d in /usr) continue ;; /*) ;; *) d=$cwd/${d#./} ;; esac
      for s in "$root$d"/lib/python3*/site-packages "$root$d"/lib/python3*/dist-packages; do printf '%s\n' "${s#"$root"}"; done; done
    [ -z "$home" ] || for s in "$root$home"/venv/lib/python3*/site-packages "$root$home"/.venv/lib/python3*/site-packages; do printf '%s\n' "${s#"$root"}"; done
    printf '%s\n' "${dumps:-}" | grep -o '"/[^" ]*/\(site\|dist\)-packages/' | sed 's|^"||; s|/$||'
    [ -z "$pid" ] || grep -o '/[^ ]*/\(site\|dist\)-packages/' $P/maps 2>/dev/null | sed 's|/$||'
  } | sort -u | while IFS= read -r s; do [ -d "$root$s" ] && printf '%s\n' "$s"; done | head -n 4)
}
below() { # $1 folder, then more of find: its files that hold settings or code; what a program makes by itself is left out
  in=$1; shift
  t 1 find "$root$in/." -maxdepth 3 -xdev \( -type d \( -name .git -o -name .hg -o -name .svn -o -name __pycache__ -o -name node_modules \
    -o -name venv -o -name .venv -o -name site-packages -o -name dist-packages -o -name .tox -o -name 'log' -o -name 'logs' -o -name '*cache*' \
    -o -name tmp -o -name temp -o -name sessions -o -name uploads -o -name media -o -name data -o -name spool \) -prune \) -o \
    -type f \( -name '*.toml' -o -name '*.y*ml' -o -name '*.ini' -o -name '*.cfg' -o -name '*.conf' -o -name '*.cnf' -o -name '*.config' -o -name '*.json' \
    -o -name '.env*' -o -name '*.env' -o -name '*.properties' -o -name '*.xml' -o -name '*.service' -o -name 'requirements*.txt' -o -name '*.lock' \
    -o -name '*.py' -o -name '*.js' -o -name '*.mjs' -o -name '*.ts' -o -name '*.rb' -o -name '*.php' -o -name '*.jar' -o -name '*.war' -o -name '*.so' \
    -o -name '*.go' -o -name '*.pl' -o -name '*.lua' -o -name '*.sql' \) "$@" 2>/dev/null
}
said() { # what was found to be whose
  s places; printf 'home %s\n' "$home"
  for kind in unit:"$unit_files" env:"$env_files" named:"$named" folder:"$folders" site:"$sites"; do
    printf '%s\n' "${kind#*:}" | sed -n "s|^/|${kind%%:*} /|p"
  done
}
