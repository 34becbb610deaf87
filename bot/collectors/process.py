"""Who the process is, who else could have been meant, what surrounds it, and whether it was left as found."""

import re
from datetime import UTC, datetime
from posixpath import basename

from bot.domain.evidence import Candidate, Child, Process
from bot.domain.redaction import command as redact

Sections = dict[str, str]
STARTTIME = 19  # of the fields behind the name in parentheses, proc_pid_stat(5)


def machine(sections: Sections) -> tuple[str, int, float, bool]:
    """Return architecture, clock ticks per second, boot time (seconds since 1970), and whether we were root."""
    lines = sections.get("machine", "").splitlines()
    ticks = int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else 100
    boot = next((float(line.split()[1]) for line in lines if line.startswith("btime ")), 0.0)
    return (lines[0] if lines else "", ticks, boot, bool(lines) and lines[-1] == "0")


def process(sections: Sections) -> Process | None:
    """Return the process that was looked at, None where none was found."""
    lines = sections.get("process", "").splitlines()
    if not lines or not lines[0].isdecimal():
        return None
    _, ticks, boot, _ = machine(sections)
    name, fields = stat(sections.get("stat", ""))
    exe = lines[2] if len(lines) > 2 and lines[2] != "?" else ""
    started = boot + int(fields[STARTTIME]) / ticks if len(fields) > STARTTIME else 0.0
    return Process(
        pid=int(lines[0]),
        started_at=datetime.fromtimestamp(int(started), UTC),
        command=redact(lines[1].strip()) or f"[{name}]",
        runtime=runtime(exe, sections.get("maps", ""), name),
        parent_pid=int(fields[1]) if len(fields) > 1 else 0,
        exe=exe,
        threads=int(fields[17]) if len(fields) > 17 else 0,
    )


def folder(sections: Sections) -> str:
    """Return where the process works, empty where that cannot be seen."""
    return "".join(line for line in sections.get("process", "").splitlines()[3:4] if line.startswith("/"))


def stat(text: str) -> tuple[str, list[str]]:
    """Return the name and the fields behind it of a /proc/PID/stat line; the name may hold anything."""
    opening, closing = text.find("("), text.rfind(")")
    if opening < 0 or closing < 0:
        return "", []
    return text[opening + 1 : closing], text[closing + 1 :].split()


def runtime(exe: str, maps: str, name: str) -> str:
    """Return `python 3.12`, `java`, `node` … as the executable and its libraries tell."""
    for text in (basename(exe), maps):
        if found := re.search(r"python(\d\.\d+)", text):
            return f"python {found[1]}"
    if "python" in basename(exe) or "libpython" in maps:
        return "python"
    if "libjvm" in maps:
        return "java"
    known = re.match(r"(java|node|ruby|php|perl|beam)", basename(exe) or name)
    return known[1] if known else basename(exe)


def started_again(sections: Sections) -> bool:
    """Return whether the pid belongs to another process now, or to none; a look that stopped early does not tell."""
    left = next((key for key in sections if key.startswith("left ")), None)
    if left is None:
        return False
    _, before = stat(sections.get("stat", ""))
    _, after = stat(sections[left])
    return before[STARTTIME : STARTTIME + 1] != after[STARTTIME : STARTTIME + 1]


def is_zombie(sections: Sections) -> bool:
    """Return whether it had ended by the time the look was over, and only its entry is left for its parent to take."""
    left = next((key.split() for key in sections if key.startswith("left ")), None)
    return left is not None and left[2] in ("Z", "X")


def left_as_found(sections: Sections) -> bool:
    """Return whether the process is neither stopped nor traced by us now: `left WAS IS TRACER TRACER`."""
    left = next((key.split() for key in sections if key.startswith("left ")), None)
    if left is None:
        return False
    _, was, now, tracer_before, tracer_now = left
    return (now not in ("T", "t") or was in ("T", "t")) and tracer_now == tracer_before


def others(sections: Sections) -> tuple[Candidate, ...]:
    rows = (line.split(" ", 2) for line in sections.get("others", "").splitlines())
    return tuple(
        Candidate(pid=int(row[0]), state=row[1], command=redact(row[2].strip()))
        for row in rows
        if len(row) == 3 and row[0].isdecimal()
    )


def children(sections: Sections) -> tuple[Child, ...]:
    serving = sections.get("serving", "").split()
    rows = (line.split(" ", 3) for line in sections.get("children", "").splitlines())
    return tuple(
        Child(
            pid=int(row[0]),
            state=row[1],
            wchan=row[2].rstrip(".") or None,
            command=redact(row[3].strip()),
            listens=row[0] in serving,
        )
        for row in rows
        if len(row) == 4 and row[0].isdecimal()
    )
