"""Counters of control groups and of the host, as grep prints them: FILE:LINE. Both versions of control groups."""

import re
from collections.abc import Mapping

from bot.domain.pressure import Group, Pressure

ROW = re.compile(r"(/(?:proc|sys/fs/cgroup)/.*?[^/:]):(.*)")
SCHEDULED = re.compile(r"^/proc/\d+/task/(\d+)/schedstat:(\d+) (\d+) (\d+)", re.MULTILINE)
STALL = re.compile(r"(some|full) .*\btotal=(\d+)")
UNLIMITED = 1 << 60
"""Version 1 writes no limit as the largest number of pages there is."""
Sections = dict[str, str]
Values = dict[str, str]


def pressure(sections: Sections) -> tuple[Pressure, ...]:
    """Return what each snapshot, and the look after the stacks, says of it; empty where they say nothing."""
    found = (
        _pressure(text, float(key.split()[1]))
        for key, text in sections.items()
        if key.startswith(("snapshot ", "later "))
    )
    return tuple(one for one in found if one)


def pinned_to(sections: Sections) -> str:
    """Return the cores that it may run on, empty where they are all: the section has them, and how many the host has."""
    allowed, _, many = sections.get("cpus", "").strip().partition("\n")
    ranges = [part.partition("-") for part in allowed.split(",")]
    known = allowed != "" and all(first.isdecimal() for first, _, _ in ranges)
    count = sum(int(last or first) - int(first) + 1 for first, _, last in ranges) if known else 0
    return allowed if 0 < count < (_int(many) or 0) else ""


def _pressure(text: str, at_ms: float) -> Pressure | None:
    groups: dict[str, Values] = {}
    host: Values = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if row is None:
            continue
        folder, _, file = row[1].rpartition("/")
        if folder.startswith("/sys/"):
            _put(groups.setdefault(folder, {}), file, row[2])
        elif folder == "/proc/pressure" or row[1] in ("/proc/stat", "/proc/vmstat"):
            _put(host, file if folder == "/proc/pressure" else "", row[2])
    if not groups and not host:
        return None
    busy, idle = _ticks(host.get("cpu", ""))
    return Pressure(
        at_ms=at_ms,
        scheduled={
            int(tid): (int(ran), int(waited), int(turns))
            for tid, ran, waited, turns in SCHEDULED.findall(text)
        },
        groups=tuple(_group(path, values) for path, values in groups.items()),
        stalled_us=_stalled(host),
        busy_ticks=busy,
        idle_ticks=idle,
        swapped_in=_int(host.get("pswpin")),
        reclaims=_total(host, "allocstall"),
    )


def _put(values: Values, file: str, line: str) -> None:
    """Keep a line by the name of its file, and of the counter in it where it names one."""
    if stall := STALL.match(line):
        values[f"{file.removesuffix('.pressure')} {stall[1]}"] = stall[2]
        return
    name, _, value = line.strip().partition(" ")
    counter = value and not name.lstrip("-").isdecimal() and file != "cpu.max"
    values[" ".join(filter(None, (file, name))) if counter else file] = (
        value.strip() if counter else line.strip()
    )


def _group(path: str, values: Values) -> Group:
    limits = [_int(values.get(name)) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
    known = [limit for limit in limits if limit is not None and limit < UNLIMITED]
    events = [values.get(name) for name in ("memory.events max", "memory.events high", "memory.failcnt")]
    counted = [count for one in events if (count := _int(one)) is not None]
    return Group(
        path=path,
        periods=_int(values.get("cpu.stat nr_periods")),
        throttled=_int(values.get("cpu.stat nr_throttled")),
        cores=_cores(values),
        memory_bytes=_int(values.get("memory.current", values.get("memory.usage_in_bytes"))),
        memory_limit_bytes=min(known, default=None),
        reclaims=sum(counted) if counted else None,
        refaults=_total(values, "memory.stat workingset_refault"),
        stalled_us=_stalled(values),
    )


def _cores(values: Values) -> float | None:
    quota, _, period = values.get("cpu.max", "").partition(" ")
    if not period:
        quota, period = values.get("cpu.cfs_quota_us", ""), values.get("cpu.cfs_period_us", "")
    allowed, each = _int(quota), _int(period)
    return allowed / each if allowed is not None and allowed > 0 and each else None


def _stalled(values: Mapping[str, str]) -> dict[str, int]:
    return {name: int(value) for name, value in values.items() if name.endswith((" some", " full"))}


def _total(values: Values, beginning: str) -> int | None:
    counts = [_int(value) for name, value in values.items() if name.startswith(beginning)]
    return sum(count or 0 for count in counts) if counts else None


def _ticks(line: str) -> tuple[int, int]:
    """Read `user nice system idle iowait irq softirq steal …` of proc_stat(5) as busy and idle."""
    ticks = [int(word) for word in line.split()[:8] if word.isdecimal()]
    if len(ticks) < 5:
        return 0, 0
    return sum(ticks) - ticks[3] - ticks[4], ticks[3] + ticks[4]


def _int(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
