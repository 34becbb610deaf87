"""What a sample says of each service: its processes, its unit, its accept queue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.domain.partial import TICKS_PER_SECOND, Worker
from bot.domain.targets import ServiceSpec

Sections = Mapping[str, str]
STARTTIME, UTIME, STIME, PARENT = 19, 11, 12, 1  # behind the name in parentheses, proc_pid_stat(5)
TURNS = re.compile(r"^/proc/(\d+)/schedstat:(\d+) (\d+) ", re.MULTILINE)
COMMAND = re.compile(r"^/proc/(\d+)/cmdline:(.*)$", re.MULTILINE)
HOLDER = re.compile(r"^/proc/(\d+)/fd:?$")
INODE = re.compile(r"socket:\[(\d+)\]")
NUMBER = re.compile(r"\d+(\.\d+)?")
OPEN_FILES = re.compile(r"^/proc/(\d+)/limits:Max open files\s+(\d+)", re.MULTILINE)
STATUS = re.compile(r"^/proc/(\d+)/status:(VmRSS|Threads):\s*(\d+)", re.MULTILINE)
FDS = re.compile(r"^fds (\d+)$")


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
    ports: frozenset[int] = frozenset()
    """Where its processes listen."""
    rss_bytes: int | None = None
    threads: int | None = None
    fds: int | None = None
    fds_ratio: float | None = None
    """Of its process that is nearest to its limit of open files."""
    blocked: int = 0
    """How many of its processes wait in the kernel (state D)."""
    wanted_ns: Mapping[int, int] = field(default_factory=dict)
    """For how long the main thread of each ran or wanted to, by pid."""
    ticks: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stat:
    state: str
    started_s: float
    """Since the boot."""
    ticks: int
    parent: int
    name: str


def parse(sections: Sections, spec: ServiceSpec) -> Found:
    """Return what the sample says of one service; zombies are no processes."""
    rows = stats(sections.get("processes", ""))
    unit = _unit(sections.get("units", ""), spec.unit) if spec.unit else {}
    wanted = _unit_pids(sections, unit) if spec.unit else set()
    if spec.process and not wanted:
        commands = COMMAND.findall(sections.get("commands", ""))
        wanted = {int(pid) for pid, command in commands if spec.process in command}
    live = {pid: rows[pid] for pid in sorted(wanted) if pid in rows and rows[pid].state not in ("Z", "X")}
    uptime = sections.get("uptime", "").split()
    oldest = min((stat.started_s for stat in live.values()), default=None)
    return Found(
        pids=tuple(live),
        unit=unit.get("ActiveState"),
        load=unit.get("LoadState", "loaded"),
        sub=unit.get("SubState", ""),
        restarts=int(restarts) if (restarts := unit.get("NRestarts", "")).isdecimal() else 0,
        age_s=float(uptime[0]) - oldest if uptime and oldest is not None else None,
        **_queue(sections, set(live), spec),
        **_sizes(sections, set(live)),
        blocked=sum(1 for stat in live.values() if stat.state == "D"),
        ticks={pid: stat.ticks for pid, stat in live.items()},
    )


def _sizes(sections: Sections, pids: set[int]) -> dict[str, Any]:
    """Return memory, threads and open files of some processes; what could not be read is None."""
    turns = sections.get("turns", "")
    status = [(name, int(value)) for pid, name, value in STATUS.findall(turns) if int(pid) in pids]
    memory = [value for name, value in status if name == "VmRSS"]
    threads = [value for name, value in status if name == "Threads"]
    limits = {int(pid): int(most) for pid, most in OPEN_FILES.findall(turns)}
    holder, opened = 0, dict[int, int]()
    for line in sections.get("sockets", "").splitlines():
        if head := HOLDER.match(line.strip()):
            holder = int(head[1])
        elif holder in pids and (count := FDS.match(line)):
            opened[holder] = int(count[1])
    shares = [count / limits[pid] for pid, count in opened.items() if limits.get(pid)]
    wanted = {int(pid): int(run) + int(wait) for pid, run, wait in TURNS.findall(turns) if int(pid) in pids}
    return {
        "rss_bytes": sum(memory) * 1024 if memory else None,
        "threads": sum(threads) if threads else None,
        "fds": sum(opened.values()) if opened else None,
        "fds_ratio": round(max(shares), 4) if shares else None,
        "wanted_ns": wanted,
    }


def wanted_cores(before: Found, after: Found, *, seconds: float) -> float | None:
    """Return the CPU that the main threads of the same processes had, or wanted and waited for, in cores."""
    same = after.wanted_ns.keys() & before.wanted_ns.keys()
    if not same or seconds <= 0:
        return None
    used = sum(after.wanted_ns[pid] - before.wanted_ns[pid] for pid in same)
    return round(max(0, used) / 1e9 / seconds, 2)


def cpu_cores(before: Found, after: Found, *, seconds: float) -> float | None:
    """Return the CPU that the same processes used between two samples, in cores."""
    same = [pid for pid in after.pids if pid in before.pids]
    if not same or seconds <= 0:
        return None
    used = sum(after.ticks[pid] - before.ticks[pid] for pid in same)
    return round(max(0, used) / TICKS_PER_SECOND / seconds, 2)


def workers(sections: Sections, found: Found) -> tuple[Worker, ...]:
    """Return a service's processes, and those they started, as `partial` compares them between two samples."""
    rows = stats(sections.get("processes", ""))
    forked = {int(pid) for pid in sections.get("forked", "").split() if pid.isdecimal()}
    ours = [
        pid
        for pid, stat in sorted(rows.items())
        if stat.state not in ("Z", "X")
        and (pid in found.pids or (pid in forked and stat.parent in found.pids))
    ]
    wanted = {int(pid): int(run) + int(wait) for pid, run, wait in TURNS.findall(sections.get("turns", ""))}
    unread = _unread(sections, set(ours))
    return tuple(
        Worker(
            pid=pid,
            parent=rows[pid].parent,
            name=rows[pid].name,
            started_s=rows[pid].started_s,
            ticks=rows[pid].ticks,
            wanted_ns=wanted.get(pid),
            unread=frozenset(unread.get(pid, ())),
        )
        for pid in ours
    )


def seconds_between(before: Sections, after: Sections) -> float:
    """Return how far apart the processes of two samples were read, by the host's own clock; 0 where that cannot be told."""
    moments = [(one.get("now") or one.get("uptime", "")).split()[:1] for one in (before, after)]
    read = [float(moment[0]) for moment in moments if moment and NUMBER.fullmatch(moment[0])]
    return max(0.0, read[1] - read[0]) if len(read) == len(moments) else 0.0


def _unread(sections: Sections, pids: set[int]) -> dict[int, set[int]]:
    """Return which sockets of each process have something unread: what was accepted at the ports it listens on with its
    siblings, and what waits to be accepted where it listens alone.
    """
    holders = _holders(sections, pids)
    rows = [words for line in sections.get("listening", "").splitlines() if len(words := line.split()) > 9]
    ours = [words for words in rows if words[9] in holders]
    ports = {words[1].rpartition(":")[2] for words in ours if words[3] == "0A"}
    found: dict[int, set[int]] = {}
    for words in ours:
        holding, port = holders[words[9]], words[1].rpartition(":")[2]
        ours_alone = len(holding) == 1 if words[3] == "0A" else port in ports
        if ours_alone and int(words[4].rpartition(":")[2], 16) > 0:
            for pid in holding:
                found.setdefault(pid, set()).add(int(words[9]))
    return found


def _holders(sections: Sections, pids: set[int]) -> dict[str, set[int]]:
    """Return which of some processes hold each socket, by its inode."""
    holder, found = 0, dict[str, set[int]]()
    for line in sections.get("sockets", "").splitlines():
        if head := HOLDER.match(line.strip()):
            holder = int(head[1])
        elif holder in pids and (socket := INODE.search(line)):
            found.setdefault(socket[1], set()).add(holder)
    return found


def stats(text: str) -> dict[int, Stat]:
    """Return the rows of /proc/PID/stat, by process."""
    found = {}
    for line in text.splitlines():
        opening, closing = line.find("("), line.rfind(")")
        fields = line[closing + 1 :].split()
        if opening > 0 and len(fields) > STARTTIME and line[:opening].strip().isdecimal():
            started = int(fields[STARTTIME]) / TICKS_PER_SECOND
            ticks = int(fields[UTIME]) + int(fields[STIME])
            found[int(line[:opening])] = Stat(
                state=fields[0],
                started_s=started,
                ticks=ticks,
                parent=int(fields[PARENT]),
                name=line[opening + 1 : closing],
            )
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


def _queue(sections: Sections, pids: set[int], spec: ServiceSpec) -> dict[str, Any]:
    """Return its ports and how many connections wait to be accepted there: of the sockets its processes hold, else of the
    health URL's port.
    """
    queues: dict[str, tuple[int, int]] = {}
    for line in sections.get("listening", "").splitlines():
        words = line.split()
        if len(words) > 9 and words[3] == "0A":
            port = int(words[1].rpartition(":")[2], 16)
            queues[words[9]] = (port, int(words[4].rpartition(":")[2], 16))
    held = set(_holders(sections, pids))
    ours = [queue for inode, queue in queues.items() if inode in held]
    if not ours and spec.http:
        address = urlsplit(spec.http.url)
        wanted = address.port or (443 if address.scheme == "https" else 80)
        ours = [queue for queue in queues.values() if queue[0] == wanted]
    return {
        "backlog": sum(waiting for _, waiting in ours) if ours else None,
        "ports": frozenset(port for port, _ in ours),
    }
