# --- who listens on the port, and who has accepted the connection
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
m=$1; port=$2; client=$3; kind=$4; end=$5
for n in "$port" "$client" "${end:-0}"; do case $n in ''|*[!0-9]*) exit 2;; esac; done
s() { printf '\n%s %s\n' "$m" "$*"; }
bounded=; timeout -k 1 1 true 2>/dev/null && bounded=1
t() { n=$1; shift; if [ -n "$bounded" ]; then timeout -k 1 "$n" "$@"; else "$@"; fi; }
found=$(awk -v p=":$(printf %04X "$port")" -v c=":$(printf %04X "$client")" '
  substr($2, length($2) - 4) != p { next }
  $4 == "0A" { print "listens", $10 }
  ($4 == "01" || $4 == "08") && substr($3, length($3) - 4) == c && $10 { print "end", $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null | head -n 40)
owners=$(t 3 sh -c 'ls -l /proc/[0-9]*/fd' 2>/dev/null | awk -v want="$found" '
  BEGIN { n = split(want, w, /[ \n]+/); for (i = 1; i < n; i += 2) role["socket:[" w[i + 1] "]"] = w[i] }
  /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); pid = part[3]; next }
  ($NF in role) && !seen[role[$NF], pid]++ { print role[$NF], pid }' | head -n 60)
s owners; printf '%s\n' "$owners" | while read -r role p; do
  [ -n "$p" ] && printf '%s %s %s\n' "$role" "$p" "$(tr '\000\n' '  ' <"/proc/$p/cmdline" 2>/dev/null | cut -c 1-300)"
done
server=$(printf '%s\n' "$owners" | awk '$1 == "listens" && (!p || $2 < p) { p = $2 } END { print p }')
[ -n "$end" ] || end=$(printf '%s\n' "$owners" | awk '$1 == "end" { print $2; exit }')
case $(cat "/proc/$server/comm" 2>/dev/null) in
  postgres|postmaster) kind=PostgreSQL;; mariadbd|mysqld) kind=MySQL;; redis-server|valkey-server) kind=Redis;;
esac
account=; [ -z "$server" ] || account=$(stat -c %U "/proc/$server" 2>/dev/null)
as() { # run as the server's own user, who may ask it without a password
  if [ -z "$account" ] || [ "$(id -un)" = "$account" ]; then "$@"
  elif [ "$(id -u)" = 0 ]; then runuser -u "$account" -- "$@"
  else sudo -n -u "$account" "$@"; fi
}
