"""A look at what runs: which boot, which run of the unit, which processes, and whether our command still runs there."""

from bot.domain.actions import Standing
from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import ServiceSpec
from bot.ports import Host, Limit, Script

LIMIT = Limit(seconds=10.0, bytes=400_000)

LOOK = Script(
    name="standing",
    version=1,
    # $1 mark (begins as all marks do, so that what holds it is known as ours), $2 unit or empty, $3 text of the command line or empty, $4 id of the act or empty
    text=r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
m=$1 unit=$2 text=$3 act=$4
bounded=; timeout -k 1 1 true 2>/dev/null && bounded=1
t() { n=$1; shift; if [ -n "$bounded" ]; then timeout -k 1 "$n" "$@"; else "$@"; fi; }
read -r boot </proc/sys/kernel/random/boot_id; echo "$m boot $boot"
read -r up _ </proc/uptime; echo "$m uptime $up"
echo "$m booted $(sed -n 's/^btime //p' /proc/stat)"
pids=
if [ -n "$unit" ] && command -v systemctl >/dev/null 2>&1; then
  shown=$(t 5 systemctl show --no-pager -p LoadState -p ActiveState -p SubState -p MainPID -p InvocationID \
    -p NRestarts -p Job -p ControlGroup -- "$unit" 2>/dev/null)
  printf '%s\n' "$shown" | sed "s/^/$m unit /"
  pids=$(printf '%s\n' "$shown" | sed -n 's/^MainPID=\([1-9][0-9]*\)$/\1/p')
  g=$(printf '%s\n' "$shown" | sed -n 's/^ControlGroup=\(\/..*\)$/\1/p')
  if [ -n "$g" ]; then
    for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
      [ -r "$root$g/cgroup.procs" ] || continue
      in=$(cat "$root$g"/cgroup.procs "$root$g"/*/cgroup.procs 2>/dev/null)
      [ -n "$in" ] || continue
      pids="$pids $in"; break
    done
  fi
fi
commands() { grep -a -s -H '' /proc/[0-9]*/cmdline | tr '\000' ' '; }
if [ -n "$text" ] && [ -z "$pids" ]; then
  pids=$(commands | grep -v -F -e hangbot-mark- | grep -F -e "$m" -e "$text" |
    sed -n 's|^/proc/\([0-9]*\)/cmdline:.*|\1|p')
fi
for p in $(printf '%s\n' $pids | sort -un); do
  read -r line 2>/dev/null </proc/$p/stat || continue
  set -- ${line##*) }
  case $1 in Z|X) ;; *) shift 19; echo "$m pid $p $1" ;; esac
done
# The pattern stands in no command line but that of the act itself: printf is the shell's own.
if [ -n "$act" ] && printf 'hangbot-act-%s\n' "$act" | t 4 grep -a -s -q -F -f - /proc/[0-9]*/cmdline; then echo "$m running"; fi
echo "$m end"
""",
)


def look(host: Host, service: ServiceSpec, *, mark: str, act: str = "") -> Standing:
    """Look once. Raises HostFailure where the host cannot be asked, or did not answer in full."""
    arguments = (mark, service.unit or "", service.process or "", act)
    done = host.run(LOOK, arguments, limit=LIMIT)
    standing = read(done.stdout.decode("utf-8", "replace"), mark)
    if standing is None:
        raise HostFailure(ProbeOutcome.ERROR, "its answer is cut off")
    return standing


def read(text: str, mark: str) -> Standing | None:
    """Return what the look saw, None where its end is missing."""
    rows = [line[len(mark) + 1 :] for line in text.splitlines() if line.startswith(f"{mark} ")]
    if "end" not in rows:
        return None
    facts = dict(row.split(" ", 1) for row in rows if " " in row)
    unit = dict(row[5:].split("=", 1) for row in rows if row.startswith("unit ") and "=" in row)
    pids = [row.split() for row in rows if row.startswith("pid ")]
    main = unit.get("MainPID", "0")
    return Standing(
        boot=facts.get("boot", ""),
        uptime_s=float(facts.get("uptime") or 0),
        booted_at=int(facts.get("booted") or 0),
        invocation=unit.get("InvocationID", ""),
        main_pid=int(main) if main.isdecimal() and main != "0" else None,
        pids={int(row[1]): int(row[2]) for row in pids if len(row) == 3},
        state=unit.get("ActiveState", ""),
        sub=unit.get("SubState", ""),
        load=unit.get("LoadState", ""),
        restarts=int(number) if (number := unit.get("NRestarts", "")).isdecimal() else 0,
        queued=unit.get("Job", "0") not in ("", "0"),
        running="running" in rows,
    )
