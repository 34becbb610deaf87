"""What a sample says of each service: its processes, its unit, its accept queue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.domain.targets import ServiceSpec

Sections = Mapping[str, str]
STARTTIME, UTIME, STIME = 19, 11, 12  # behind the name in parentheses, proc_pid_stat(5)
TICKS_PER_SECOND = 100.0
"""USER_HZ, what the kernel shows to user space on every common architecture."""
COMMAND = re.compile(r"^/proc/(\d+)/cmdline:(.*)$", re.MULTILINE)
HOLDER = re.compile(r"^/proc/(\d+)/fd:?$")
INODE = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A service's processes in one sample. `age_s` is that of the oldest; `ticks` the CPU time of each, by pid.

    `load`, `unit`, `sub` and `restarts` are systemd's LoadState, ActiveState, SubState and NRestarts (how often it
    was started again by itself since a person started it).
    """

    pids: tuple[int, ...] = ()
    load: str = "loaded"
    unit: str | None = None
    sub: str = ""
    restarts: int = 0
    age_s: float | None = None
    backlog: int | None = None
    ticks: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stat:
    state: str
    started_s: float
    """Since the boot."""
    ticks: int


def parse(sections: Sections, spec: ServiceSpec) -> Found:
    """Return what the sample says of one service; zombies are no processes."""
    stats = _stats(sections.get("processes", ""))
    unit = _unit(sections.get("units", ""), spec.unit) if spec.unit else {}
    wanted = _unit_pids(sections, unit) if spec.unit else set()
    if spec.process and not wanted:
        rows = COMMAND.findall(sections.get("commands", ""))
        wanted = {int(pid) for pid, command in rows if spec.process in command}
    live = {pid: stats[pid] for pid in sorted(wanted) if pid in stats and stats[pid].state not in ("Z", "X")}
    uptime = sections.get("uptime", "").split()
    oldest = min((stat.started_s for stat in live.values()), default=None)
    return Found(
        pids=tuple(live),
        unit=unit.get("ActiveState"),
        load=unit.get("LoadState", "loaded"),
        sub=unit.get("SubState", ""),
        restarts=int(restarts) if (restarts := unit.get("NRestarts", "")).isdecimal() else 0,
        age_s=float(uptime[0]) - oldest if uptime and oldest is not None else None,
        backlog=_backlog(sections, set(live), spec),
        ticks={pid: stat.ticks for pid, stat in live.items()},
    )


def cpu_cores(before: Found, after: Found, *, seconds: float) -> float | None:
    """Return the CPU that the same processes used between two samples, in cores."""
    same = [pid for pid in after.pids if pid in before.pids]
    if not same or seconds <= 0:
        return None
    used = sum(after.ticks[pid] - before.ticks[pid] for pid in same)
    return round(max(0, used) / TICKS_PER_SECOND / seconds, 2)


def _stats(text: str) -> dict[int, Stat]:
    found = {}
    for line in text.splitlines():
        opening, closing = line.find("("), line.rfind(")")
        fields = line[closing + 1 :].split()
        if opening > 0 and len(fields) > STARTTIME and line[:opening].strip().isdecimal():
            started = int(fields[STARTTIME]) / TICKS_PER_SECOND
            ticks = int(fields[UTIME]) + int(fields[STIME])
            found[int(line[:opening])] = Stat(state=fields[0], started_s=started, ticks=ticks)
    return found


def _unit(text: str, name: str) -> dict[str, str]:
    """Return the properties of one unit, by any of its names; `systemctl show` parts units by empty lines."""
    for block in re.split(r"\n\s*\n", text.strip()):
        properties = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        names = {properties.get("Id", ""), *properties.get("Names", "").split()}
        if names & {name, f"{name}.service"}:
            return properties
    return {}


def _unit_pids(sections: Sections, unit: Mapping[str, str]) -> set[int]:
    inside = sections.get(f"cgroup {unit.get('ControlGroup', '')}", "").split()
    return {int(pid) for pid in (*inside, unit.get("MainPID", "0")) if pid.isdecimal() and pid != "0"}


def _backlog(sections: Sections, pids: set[int], spec: ServiceSpec) -> int | None:
    """Return how many connections wait to be accepted: of the sockets its processes hold, else of the health URL's port."""
    queues: dict[str, tuple[int, int]] = {}
    for line in sections.get("listening", "").splitlines():
        words = line.split()
        if len(words) > 9 and words[3] == "0A":
            port = int(words[1].rpartition(":")[2], 16)
            queues[words[9]] = (port, int(words[4].rpartition(":")[2], 16))
    holder, held = 0, set()
    for line in sections.get("sockets", "").splitlines():
        if found := HOLDER.match(line.strip()):
            holder = int(found[1])
        elif holder in pids and (found := INODE.search(line)):
            held.add(found[1])
    ours = [queue for inode, (_, queue) in queues.items() if inode in held]
    if not ours and spec.http:
        address = urlsplit(spec.http.url)
        wanted = address.port or (443 if address.scheme == "https" else 80)
        ours = [queue for port, queue in queues.values() if port == wanted]
    return sum(ours) if ours else None
