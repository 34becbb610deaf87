# --- what of the settings that changed is other than it was, key by key, where something of before is left
find_previous() { # sets previous: the folder of the release before this one, where releases lie beside each other
  previous=; [ -n "$home" ] && [ -z "$root" ] || return 0
  real=$(readlink -f "$home" 2>/dev/null); above=${real%/*}
  case ${above##*/} in releases|versions|deployments|deploys|builds) ;; *) [ -n "$above" ] && [ -L "$above/current" ] || return 0 ;; esac
  previous=$(ls -1td "$above"/*/ 2>/dev/null | sed 's|/*$||' | while IFS= read -r d; do
    [ "$d" = "$real" ] || [ -L "$d" ] || { printf '%s\n' "$d"; break; }; done)
}
kept() { t 2 git --git-dir=/etc/.git -c safe.directory=/etc -c safe.directory=/etc/.git "$@" 2>/dev/null </dev/null; }
find_kept() { # sets revision: what etckeeper last kept of /etc before the time that counts
  revision=; [ -z "$root" ] && [ -d /etc/.git ] && [ "$(stat -c %u /etc/.git)" = 0 ] && command -v git >/dev/null 2>&1 || return 0
  revision=$(kept rev-list -1 --before="@$(( now - ${good:-$window} ))" HEAD)
}
before() { # $1 path: sets old to a file with what it was, or to a path in etckeeper's repository; and beside, to what that is
  old=; beside=
  if [ -n "$previous" ]; then case $1 in "$home"/*|"$real"/*)
    f=${1#"$home"/}; f=$previous/${f#"$real"/}; [ -f "$f" ] && old=$f beside="release $(stat -c %Y "$f") ${previous##*/}" && return ;; esac; fi
  if [ -n "$revision" ]; then case $1 in /etc/*)
    kept cat-file -e "$revision:${1#/etc/}" && old=$revision:${1#/etc/} beside="etckeeper $(kept log -1 --format=%ct "$revision")" && return ;; esac; fi
  for e in .dpkg-old .ucf-old .rpmsave .bak .old .orig '~'; do
    f=$root$1$e; [ -f "$f" ] && old=$f beside="copy $(stat -c %Y "$f") ${1##*/}$e" && return; done
}
settings_before() { # $1 path
  kind=$(kind_of "$1"); [ "$kind" = other ] && return
  before "$1"; [ -n "$old" ] || return
  s "keys $1"; printf '%s\n' "$beside"
  { case $beside in etckeeper*) kept cat-file blob "$old" ;; *) cat "$old" ;; esac | keys "$kind" | sed "s/^/-$tab/"
    keys "$kind" <"$root$1" | sed "s/^/+$tab/"; } 2>/dev/null | awk -F '\t' '
    $1 == "-" { was[$2] = $4; shown[$2] = $3; order[++n] = $2; next }
    !($2 in was) { print "+\t" $2 "\t" $3; next }
    { if (was[$2] != $4) print "~\t" $2 "\t" shown[$2] "\t" $3; delete was[$2] }
    END { for (i = 1; i <= n; i++) if (order[i] in was) print "-\t" order[i] "\t" shown[order[i]] }' | head -n 200
}
altered() { # what is other than the packages brought it
  [ -z "$root" ] && command -v dpkg-query >/dev/null 2>&1 || return 0
  owners=$({ printf '%s\n' "$unit_files" "$folders"; [ -z "$pid" ] || readlink $P/exe; } | grep '^/' | head -n 12 | quoted |
    xargs -r dpkg-query -S -- 2>/dev/null | sed 's/[:,].*//' | sort -u | head -n 3)
  s altered; [ -z "$owners" ] || for one in $owners; do t 3 dpkg -V "$one" 2>/dev/null | sed "s/^/$one /"; done | head -n 60
}
window=${sampler:-86400} good=$early
now=$(date +%s)
places; find_previous; find_kept
changed
{ printf '%s\n' "$rows" | sed -n 's/^[0-9]* [0-9]* [0-9]* \(\/.*\)$/\1/p'
  [ -z "$previous" ] || below "$home" -size -200k -exec sh -c 'for f; do g=$0/${f#*/./}; [ ! -f "$g" ] || cmp -s "$f" "$g" || printf "%s\n" "$f"; done' "$previous" {} + | sed 's|/\./|/|'
} | sort -u | while IFS= read -r f; do [ "$(kind_of "$f")" = other ] || printf '%s\n' "$f"; done | head -n 20 |
  while IFS= read -r f; do over 8000 || settings_before "$f"; done
s gone
[ -z "$revision" ] || printf '%s\n' "$folders" "$unit_files" | sed -n 's|^/etc/||p' | quoted |
  xargs -r git --git-dir=/etc/.git -c safe.directory=/etc ls-tree -r --name-only "$revision" -- 2>/dev/null | head -n 300 |
  while IFS= read -r f; do [ -e "/etc/$f" ] || printf 'etckeeper /etc/%s\n' "$f"; done | head -n 20
[ -z "$previous" ] || below "$previous" | sed 's|^.*/\./||' | while IFS= read -r f; do [ -e "$home/$f" ] || printf 'release %s\n' "$home/$f"; done | head -n 20
over 8000 || altered
s end
