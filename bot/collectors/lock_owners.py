"""Locks by identity, and the parent that a process was forked from."""

import re

from bot.domain.lock_waits import ForkedFrom, LockKind, LockWait

Sections = dict[str, str]
ROW = re.compile(r"(\d+) (0x[0-9a-f]+) (lock|rlock) (\d+|-) (\d+) (\S+)")


def lock_waits(sections: Sections) -> tuple[LockWait, ...]:
    """Return who waits for which lock object; nothing where memory may not be read or the layout is not known."""
    rows = map(ROW.fullmatch, sections.get("lockowners", "").splitlines())
    return tuple(
        LockWait(
            tid=int(row[1]),
            address=int(row[2], 16),
            kind=LockKind(row[3]),
            owner=int(row[4]) if row[4].isdecimal() else None,
            count=int(row[5]),
            names=tuple(row[6].split(",")) if row[6] != "-" else (),
        )
        for row in rows
        if row
    )


def forked_from(sections: Sections) -> ForkedFrom | None:
    """Return the parent, where the process still runs the parent's program."""
    words = sections.get("parent", "").split()
    if len(words) != 2 or not all(map(str.isdecimal, words)):
        return None
    return ForkedFrom(pid=int(words[0]), threads=int(words[1]))
