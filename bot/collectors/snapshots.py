"""/proc of every thread, twice, without stopping anything."""

import re
from dataclasses import replace

from bot.domain.evidence import Snapshot, Syscall, Task

Sections = dict[str, str]
NUMBERS = {
    "x86_64": {
        0: "read", 1: "write", 7: "poll", 19: "readv", 20: "writev", 23: "select", 35: "nanosleep", 42: "connect",
        43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg", 47: "recvmsg", 61: "wait4", 72: "fcntl", 73: "flock",
        74: "fsync", 202: "futex", 230: "clock_nanosleep", 232: "epoll_wait", 247: "waitid", 257: "openat", 270: "pselect6",
        271: "ppoll", 281: "epoll_pwait", 288: "accept4", 299: "recvmmsg", 426: "io_uring_enter", 441: "epoll_pwait2",
        449: "futex_waitv",
    },
    "aarch64": {
        22: "epoll_pwait", 25: "fcntl", 32: "flock", 56: "openat", 63: "read", 64: "write", 65: "readv", 66: "writev",
        72: "pselect6", 73: "ppoll", 82: "fsync", 95: "waitid", 98: "futex", 101: "nanosleep", 115: "clock_nanosleep",
        202: "accept", 203: "connect", 206: "sendto", 207: "recvfrom", 211: "sendmsg", 212: "recvmsg", 242: "accept4",
        243: "recvmmsg", 260: "wait4", 426: "io_uring_enter", 441: "epoll_pwait2", 449: "futex_waitv",
    },
}  # fmt: skip
ROW = re.compile(r"/proc/\d+/task/(\d+)/(\w+):(.*)")
OWN = re.compile(r"/proc/\d+/(status|io):(.*)")


def snapshots(sections: Sections, *, machine: str) -> tuple[Snapshot, ...]:
    """Return the snapshots in order; kernel stacks are put to the last one."""
    found = [
        _snapshot(float(key.split()[1]), text, NUMBERS.get(machine, {}))
        for key, text in sections.items()
        if key.startswith("snapshot ")
    ]
    stacks: dict[int, list[str]] = {}
    for line in sections.get("stacks", "").splitlines():
        if row := ROW.match(line):
            stacks.setdefault(int(row[1]), []).append(re.sub(r"^\[<[^>]*>\]\s*|\+0x.*$", "", row[3]))
    if found and stacks:
        tasks = tuple(replace(task, kernel_stack=tuple(stacks.get(task.tid, ()))) for task in found[-1].tasks)
        found[-1] = replace(found[-1], tasks=tasks)
    return tuple(found)


def _snapshot(at_ms: float, text: str, numbers: dict[int, str]) -> Snapshot:
    rows: dict[int, dict[str, str]] = {}
    whole: dict[str, int] = {}
    for line in text.splitlines():
        if row := ROW.match(line):
            tid, kind, value = int(row[1]), row[2], row[3]
            if kind == "status":
                name, _, value = value.partition(":")
                kind = name
            rows.setdefault(tid, {})[kind] = value.strip()
        elif row := OWN.match(line):
            name, _, value = row[2].partition(":")
            digits = re.search(r"\d+", value)
            if digits:
                whole[name] = int(digits[0])
    tasks = tuple(_task(tid, row, numbers) for tid, row in sorted(rows.items()) if "stat" in row)
    main = tasks[0] if tasks else None
    swap = whole.get("VmSwap")
    return Snapshot(
        at_ms=at_ms,
        state=main.state if main else "?",
        tracer_pid=whole.get("TracerPid", 0),
        tasks=tasks,
        rchar=whole.get("rchar"),
        wchar=whole.get("wchar"),
        major_faults=sum(task.major_faults for task in tasks),
        swap_bytes=None if swap is None else swap * 1024,
    )


def _fields(stat: str) -> list[str]:
    return stat[stat.rfind(")") + 1 :].split()


def _task(tid: int, row: dict[str, str], numbers: dict[int, str]) -> Task:
    fields = _fields(row["stat"])
    schedule = row.get("schedstat", "").split()
    wchan = row.get("wchan", "")
    return Task(
        tid=tid,
        name=row.get("Name", ""),
        state=fields[0] if fields else "?",
        utime_ticks=int(fields[11]) if len(fields) > 12 else 0,
        stime_ticks=int(fields[12]) if len(fields) > 12 else 0,
        major_faults=int(fields[9]) if len(fields) > 12 else 0,
        run_ns=int(schedule[0]) if len(schedule) > 1 else None,
        wait_ns=int(schedule[1]) if len(schedule) > 1 else None,
        voluntary_switches=_number(row.get("voluntary_ctxt_switches")),
        involuntary_switches=_number(row.get("nonvoluntary_ctxt_switches")),
        wchan=wchan if wchan not in ("", "0") else None,  # "0" is also what somebody without the right reads
        syscall=_syscall(row.get("syscall", ""), numbers),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _syscall(text: str, numbers: dict[int, str]) -> Syscall | None:
    """Read `202 0x7f… 0x189 …`; `running` and `-1 …` are no system call."""
    words = text.split()
    if not words or not words[0].isdecimal():
        return None
    arguments = tuple(int(word, 16) for word in words[1:7])
    return Syscall(number=int(words[0]), args=arguments, name=numbers.get(int(words[0]), ""))
