# --- what can be laid beside the same service of another host: files by their sums, packages, deploys. $sampler: salt, $early: names of files
salt=$sampler wanted=$early
places
sums() { quoted | t 4 xargs -r -n 100 sha256sum 2>/dev/null | sed -n "s/^\([0-9a-f]\{64\}\) [ *]\//$1 \1 \//p"; } # $1 word for what they are
named_as() { awk -v root="$root" -v home="$home" '{ at = index($0, "/"); path = substr($0, at); sub(/\/\.\//, "/", path)
  if (root != "" && index(path, root "/") == 1) path = substr(path, length(root) + 1)
  if (home != "" && index(path, home "/") == 1) path = "@home" substr(path, length(home) + 1)
  if (!(path in seen)) { seen[path] = 1; print substr($0, 1, at - 1) path } }'; }
if [ -z "$wanted" ]; then
  said
  s listing
  { printf '%s\n' "$unit_files" | sed -n "s|^/|$root/|p" | sums unit; printf '%s\n' "$env_files" | sed -n "s|^/|$root/|p" | sums env
    printf '%s\n' "$named" | sed -n "s|^/|$root/|p" | sums named
    printf '%s\n' "$folders" | while IFS= read -r f; do [ -z "$f" ] || t 1 find "$root$f" -maxdepth 3 -xdev -type f -size -8192k 2>/dev/null; done | head -n 300 | sums folder
    [ -z "$home" ] || below "$home" -size -8192k -print | head -n 500 | sums below; } | named_as
  s installed
  printf '%s\n' "$sites" | while IFS= read -r f; do [ -z "$f" ] || t 1 find "$root$f" -maxdepth 1 -type d -name '*.dist-info' 2>/dev/null; done |
    sed 's|^.*/\([^/]*\)\.dist-info$|pip \1|' | head -n 1000
  if [ -z "$root" ] && command -v dpkg-query >/dev/null 2>&1; then
    t 3 dpkg-query -W -f='${db:Status-Abbrev} ${Package} ${Version}\n' 2>/dev/null | sed -n 's/^ii  *\([^ ]* [^ ]*\)$/system \1/p'
  elif [ -z "$root" ] && command -v rpm >/dev/null 2>&1; then t 3 rpm -qa --qf 'system %{NAME} %{VERSION}-%{RELEASE}\n' 2>/dev/null
  elif [ -r "$root/lib/apk/db/installed" ]; then sed -n 's/^P:/P:/p; s/^V:/V:/p' "$root/lib/apk/db/installed" | paste -d' ' - - | sed -n 's/^P:\([^ ]*\) V:\(.*\)$/system \1 \2/p'; fi | head -n 5000
  link_and_git
else
  printf '%s\n' "$wanted" | head -n 24 | while IFS= read -r label; do
    over 9000 && break
    kind=$(kind_of "$label") f=$root$label
    case $label in @home/*) f=$root$home/${label#@home/} ;; @environment) kind=env f=$P/environ ;; esac
    [ -r "$f" ] || continue
    s "keys $label"
    case $label in
      @environment) tr '\n\000' ' \n' <"$f" 2>/dev/null | grep -v -E '^(INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|MAINPID|MANAGERPID|LISTEN_[A-Z]*|NOTIFY_SOCKET|WATCHDOG_[A-Z]*|PWD|OLDPWD|SHLVL|_|HOSTNAME|SSH_[A-Z]*|XDG_[A-Z_]*|MEMORY_PRESSURE_[A-Z]*|[A-Z]*_DIRECTORY)=' ;;
      *) cat "$f" ;;
    esac 2>/dev/null | keys "$kind" | head -n 300 | while IFS=$tab read -r key show raw; do
      # sixteen bits of a salted sum: enough to see that two values differ, too few to guess one
      if [ "$show" = '#' ]; then sum=$(printf '%s' "$salt$key=$raw" | sha256sum); show="#${sum%"${sum#????}"}"; fi
      printf '%s\t%s\n' "$key" "$show"
    done
  done
fi
s end
