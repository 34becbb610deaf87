LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
m=$1; pid=$2; unit=$3; text=$4; sampler=$5; early=$6; gentle=$7; port=$8
s() { printf '\n%s %s\n' "$m" "$*"; }
bounded=; timeout -k 1 1 true 2>/dev/null && bounded=1
t() { n=$1; shift; if [ -n "$bounded" ]; then timeout -s INT -k 1 "$n" "$@"; else "$@"; fi; }
over() { [ $(( $(ms) - begin )) -ge "$1" ]; } # is there no time left for this?
case $(date +%s%3N) in *N*|*%*) ms() { read -r up _ </proc/uptime; echo "${up%.*}${up#*.}0"; };; *) ms() { date +%s%3N; };; esac
begin=$(ms)
was=; tracer=; window=86400
state() { sed 's/.*) //;s/ .*//' $P/stat 2>/dev/null; }
leave() { # as it was found?
  is=$(state); now=$(sed -n 's/^TracerPid:[[:space:]]*//p' $P/status 2>/dev/null)
  if [ "$is" = T ] && [ "$was" != T ] && [ "${now:-0}" = 0 ]; then kill -CONT "$pid" 2>/dev/null; sleep 0.05; is=$(state); fi
  s "left ${was:-?} ${is:-?} ${tracer:-0} ${now:-0}"; cat $P/stat 2>/dev/null
  s "took $(( $(ms) - begin ))"
}
trap 'trap "" TERM; [ -z "$was" ] || leave; exit 0' TERM
s machine; uname -m; getconf CLK_TCK 2>/dev/null || echo 100; grep '^btime ' /proc/stat; id -u
s psi; for f in cpu memory io; do grep -H '' /proc/pressure/$f 2>/dev/null; done; grep -e '^Mem' -e '^Swap' /proc/meminfo; cat /proc/loadavg
