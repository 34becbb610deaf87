# --- what changed within $window seconds, by the host's own clock. Nothing is run in the application's folders, git above all
stamps() { xargs -r -n 200 stat -c '%Y %Z %s %n' 2>/dev/null; } # names, one a line
quoted() { sed "s/'/'\\\\''/g; s/^/'/; s/$/'/"; }
changed_files() {
  lately=-mmin; find / -maxdepth 0 -cmin -1 >/dev/null 2>&1 && lately=-cmin # what was moved there keeps its own time
  s files
  { printf '%s\n' "$unit_files" "$env_files" "$named" | sed -n "s|^/|$root/|p" | sort -u | quoted | stamps
    printf '%s\n' "$folders" | while IFS= read -r f; do
      [ -z "$f" ] || t 1 find "$root$f" -maxdepth 3 -xdev -type f $lately -$(( window / 60 )) -exec stat -c '%Y %Z %s %n' {} + 2>/dev/null; done
    [ -z "$home" ] || below "$home" $lately -$(( window / 60 )) -exec stat -c '%Y %Z %s %n' {} +
  } | awk -v root="$root" -v from=$(( now - window )) '$1 >= from || $2 >= from {
      path = $0; sub(/^[0-9]+ [0-9]+ [0-9]+ /, "", path); if (root != "" && index(path, root) == 1) path = substr(path, length(root) + 1)
      sub(/\/\.\//, "/", path); if (!(path in seen)) { seen[path] = 1; print $1, $2, $3, path } }' | sort -rn | head -n 300
}
changed_packages() {
  s packages
  printf '%s\n' "$sites" | while IFS= read -r f; do
    [ -z "$f" ] || t 1 find "$root$f" -maxdepth 1 -type d -name '*.dist-info' $lately -$(( window / 60 )) -exec stat -c '%Y %Z %n' {} + 2>/dev/null; done |
    sed 's|^\([0-9]* [0-9]*\) .*/\([^/]*\)\.dist-info$|pip \1 \2|' | sort -k2,2rn | head -n 200
  from=$(date -d "@$(( now - window ))" '+%Y-%m-%d %H:%M:%S' 2>/dev/null); zone=$(date +%z)
  [ -z "$from" ] || for log in dpkg.log.1 dpkg.log; do [ -f "$root/var/log/$log" ] && t 1 tail -c 300000 "$root/var/log/$log" 2>/dev/null; done |
    awk -v from="$from" -v zone="$zone" '($1 " " $2) >= from && $3 ~ /^(install|upgrade|remove|purge)$/ { print "dpkg", $1 "T" $2 zone, $3, $4, $5, $6 }' | tail -n 200
  [ -f "$root/var/log/dnf.rpm.log" ] && t 1 tail -c 300000 "$root/var/log/dnf.rpm.log" 2>/dev/null |
    sed -n 's/^\([0-9T:+-]*\) [A-Z]* \(Installed\|Upgraded\|Upgrade\|Erase\|Removed\): \([^ ]*\)$/rpm \1 \2 \3/p' | tail -n 200
  [ -f "$root/lib/apk/db/installed" ] && stat -c 'apk %Y' "$root/lib/apk/db/installed" 2>/dev/null
}
used() { # which of the system's packages that changed the process has loaded from: none of the others can be why it hangs
  [ -n "$pid" ] && [ -d "$root/var/lib/dpkg/info" ] || return 0
  loaded=$(awk '$6 ~ /^\// && !seen[$6]++ { print $6; if (sub(/^\/usr\//, "/", $6)) print $6 }' $P/maps 2>/dev/null | head -n 1000)
  s used; [ -z "$loaded" ] || printf '%s\n' "$1" | awk '$1 == "dpkg" { sub(/:.*/, "", $4); print $4 }' | sort -u | head -n 300 | while IFS= read -r one; do
    cat "$root/var/lib/dpkg/info/$one.list" "$root/var/lib/dpkg/info/$one":*.list 2>/dev/null | grep -q -x -F -e "$loaded" && printf '%s\n' "$one"; done
}
owned() { # which package a changed file of the system belongs to: asked only where packages changed at all
  [ -z "$root" ] && command -v dpkg-query >/dev/null 2>&1 || return 0
  asked=$(printf '%s\n' "$1" | sed -n 's|^[0-9]* [0-9]* [0-9]* \(/\(etc\|usr\|lib\|opt\)/[^ *?]*\)$|\1|p' | head -n 20)
  s owners; [ -z "$asked" ] || t 2 dpkg-query -S -- $asked 2>/dev/null | head -n 40
}
link_and_git() {
  s deploy
  d=$home; for i in 1 2 3 4; do
    [ -n "$d" ] || break
    if [ -L "$root$d/current" ]; then printf 'link %s %s %s\n' "$(stat -c '%Y' "$root$d/current" 2>/dev/null)" "$d/current" "$(readlink "$root$d/current")"; fi
    if [ -e "$root$d/.git" ]; then
      g=$root$d/.git; [ ! -f "$g" ] || g=$(head -c 4000 "$g" 2>/dev/null | sed -n '1s/^gitdir: \(.*\)$/\1/p')
      case $g in ''|/*) ;; *) g=$root$d/$g ;; esac
      if [ -f "$g/HEAD" ]; then
        ref=$(head -c 300 "$g/HEAD" 2>/dev/null | sed -n '1s|^ref: refs/heads/\([A-Za-z0-9._/-]*\)$|\1|p; 1s/^\([0-9a-f]\{40,64\}\)$/\1/p')
        [ -f "$g/logs/HEAD" ] && last=$(tail -c 4000 "$g/logs/HEAD" 2>/dev/null | tail -n 1 |
          sed -n 's/^\([0-9a-f]\{40,64\}\) \([0-9a-f]\{40,64\}\) .*> \([0-9]*\) [-+][0-9]*	*\([a-z]*\).*$/\1 \2 \3 \4/p') || last=
        printf 'git %s %s %s\n' "${ref:-?}" "${last:-? ? 0 ?}" "$d"
        break
      fi
    fi
    case $d in */*) d=${d%/*} ;; *) d= ;; esac
  done
}
changed() {
  now=$(date +%s)
  said
  rows=$(changed_files; changed_packages; link_and_git); printf '%s\n' "$rows"
  case $rows in *"
dpkg "*) owned "$rows"; used "$rows" ;; esac
  s unitfacts; printf '%s\n' "$shown" | grep -e '^NeedDaemonReload=' -e '^NRestarts=' -e '^ActiveEnterTimestampMonotonic='; cat /proc/uptime
  s "changes $now $window"
}
