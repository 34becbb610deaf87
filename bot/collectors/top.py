"""The busiest processes, out of the script's rows."""

from bot.domain.busy import Busy, Top
from bot.domain.redaction import command as redact

Sections = dict[str, str]
PARTS = 6


def top(sections: Sections, *, host: str) -> Top:
    """Return what the look found: rows `PID TICKS PAGES STATE THREADS COMMAND|NAME`."""
    head = next((key.split() for key in sections if key.startswith("span ")), ["", "0", "0"])
    seconds = max(0.0, float(head[2]) - float(head[1]))
    size = sections.get(" ".join(head), "").strip()
    page = int(size) if size.isdecimal() else 4096
    ticks = _ticks(sections)
    found = []
    for row in sections.get("busiest", "").splitlines():
        parts = row.split(" ", PARTS - 1)
        if len(parts) < PARTS or not all(part.isdecimal() for part in (*parts[:3], parts[4])):
            continue
        line, _, name = parts[5].rpartition("|")
        found.append(
            Busy(
                pid=int(parts[0]),
                cores=round(int(parts[1]) / ticks / seconds, 2) if seconds else 0.0,
                memory_bytes=int(parts[2]) * page,
                state=parts[3],
                threads=int(parts[4]),
                command=redact(line.strip()) or f"[{name.strip()}]",
            )
        )
    return Top(host=host, seconds=round(seconds, 1), processes=tuple(found))


def _ticks(sections: Sections) -> int:
    lines = sections.get("machine", "").splitlines()
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() and int(lines[1]) else 100
