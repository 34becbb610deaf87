"""Locks by identity, and the parent that a process was forked from."""

import re
from collections.abc import Iterator

from bot.domain.lock_waits import FileWait, ForkedFrom, LockKind, LockWait
from bot.domain.redaction import command as redact

Sections = dict[str, str]
FILE_ROW = re.compile(r"(\d+): (->)?\s*\w+\s+\w+\s+\w+\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)")
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


def file_circle(sections: Sections, pid: int) -> tuple[FileWait, ...]:
    """Return the waits that lead from this process over the locks on files back to it; nothing where they do not.

    In proc_locks(5) a waiter's row has the number of the lock that it waits for.
    """
    rows = [found for line in sections.get("locks", "").splitlines() if (found := FILE_ROW.match(line))]
    holders = {row[1]: int(row[3]) for row in rows if not row[2]}
    waits = {int(row[3]): (holders[row[1]], row[4]) for row in rows if row[2] and row[1] in holders}
    paths, commands = _paths(sections), dict(_commands(sections))
    circle: list[FileWait] = []
    at = pid
    while at in waits and len(circle) <= len(waits):
        holder, inode = waits[at]
        circle.append(
            FileWait(
                pid=at, holder=holder, path=paths.get(inode, ""), holder_command=commands.get(holder, "")
            )
        )
        if holder == pid:
            return tuple(circle) if len(circle) > 1 else ()
        at = holder
    return ()


def _paths(sections: Sections) -> dict[str, str]:
    """Return inode → path of the files that the process has open."""
    opened = dict(line.partition(" ")[::2] for line in sections.get("fds", "").splitlines())
    rows = (line.partition(" ")[::2] for line in sections.get("inodes", "").splitlines())
    return {inode: opened.get(name.rpartition("/")[2], "") for inode, name in rows}


def _commands(sections: Sections) -> Iterator[tuple[int, str]]:
    for line in sections.get("lockholders", "").splitlines():
        number, _, command = line.partition(" ")
        if number.isdecimal():
            yield int(number), redact(command.strip())
