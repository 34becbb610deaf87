"""Python stacks in the compact form that the script makes of the sampler's dumps on the target."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.stacks import Dump, Frame, ThreadStack, origin

Sections = dict[str, str]
TASK = re.compile(r"^/proc/\d+/task/(\d+)/stat:", re.MULTILINE)
INNER_TID = re.compile(r"^/proc/\d+/task/(\d+)/status:NSpid:[\d\s]*?(\d+)$", re.MULTILINE)


@dataclass
class Reading:
    """A thread while its lines are read."""

    head: list[str]
    name: str | None
    frames: list[tuple[int, str, str]] = field(default_factory=list)
    values: dict[int, dict[str, str]] = field(default_factory=dict)
    depth: int = 0


def outer_tids(sections: Sections) -> dict[int, int]:
    """Return a container's numbers of threads → those of /proc; what is not in a container has one number."""
    return {
        int(inner): int(tid)
        for key, text in sections.items()
        if key.startswith("snapshot ")
        for tid, inner in INNER_TID.findall(text)
    }


def dumps(sections: Sections, *, folder: str = "") -> tuple[Dump, ...]:
    """Return the dumps in order: a section `dump AT WALL locals|plain blocking|--nonblocking` each.

    `folder`: where the process works. Python 3.8 and older name the program as it was typed, which may be relative.
    The sampler numbers threads as the process's own container does; here they get the numbers that /proc has for them.
    """
    outer = outer_tids(sections)
    numbers = _numbers(sections, outer)
    return tuple(
        _dump(key.split(), text, folder, outer, numbers)
        for key, text in sections.items()
        if key.startswith("dump ")
    )


def _numbers(sections: Sections, outer: Mapping[int, int]) -> dict[int, int]:
    """Return pthread → number of the kernel's, for threads of which the sampler did not know it: rows `IDENT CANDIDATE…`.

    What the memory says is believed where there is such a thread.
    """
    known = {
        int(tid)
        for key, text in sections.items()
        if key.startswith("snapshot ")
        for tid in TASK.findall(text)
    }
    found = {}
    for row in sections.get("numbers", "").splitlines():
        ident, *candidates = (int(word) for word in row.split() if word.isdecimal())
        tid = next((outer.get(one, one) for one in candidates if outer.get(one, one) in known), None)
        if tid is not None:
            found[ident] = tid
    return found


def failures(sections: Sections) -> list[str]:
    """Return what the sampler said where it gave no stacks."""
    return [text.strip() for key, text in sections.items() if key.startswith("failed ")]


def longest_pause_ms(found: tuple[Dump, ...], sections: Sections) -> float:
    """Return an upper bound of how long the target was stopped at once: the slowest dump that held it, given up or not."""
    heads = [key.split() for key in sections if key.startswith("failed ")]
    given_up = [
        float(words[3]) for words in heads if len(words) > 3 and words[2] == "blocking" and words[1] == "124"
    ]
    native = [float(key.split()[1]) for key in sections if key.startswith("native ")]
    held = (dump.wall_ms for dump in found if dump.stopped_target)
    return max((*held, *given_up, *native), default=0.0)


def native(sections: Sections) -> tuple[tuple[str, ...], ...]:
    """Return, per look, the names of the native functions in which its active threads stood, innermost first."""
    return tuple(
        tuple(row[2:] for row in text.splitlines() if row.startswith("N "))
        for key, text in sections.items()
        if key.startswith("native ") and "T" in text.splitlines()
    )


def _dump(
    words: list[str], text: str, folder: str, outer: Mapping[int, int], numbers: Mapping[int, int]
) -> Dump:
    _, at, wall, kind, way = words
    threads: list[Reading] = []
    for line in text.splitlines():
        tag, _, rest = line.partition(" ")
        if tag == "T":
            head, name = _tail(rest, 4)
            threads.append(Reading(head=head, name=_json(name)))
        elif tag == "F" and threads:
            head, names = _tail(rest, 1)
            function, _, file = names.partition('" "')
            path = absolute(_json(f'"{file}') or "?", folder)
            threads[-1].frames.append((_int(head[0]), _json(f'{function}"') or "?", path))
        elif tag == "V" and threads:
            name, _, hashed = rest.rpartition(" ")
            threads[-1].values.setdefault(len(threads[-1].frames) - 1, {})[_json(name) or "?"] = hashed
        elif tag == "N" and threads:
            threads[-1].depth = _int(rest)
    return Dump(
        at_ms=float(at),
        wall_ms=float(wall),
        has_locals=kind == "locals",
        stopped_target=way == "blocking",
        threads=tuple(_thread(thread, outer, numbers) for thread in threads),
    )


def _thread(read: Reading, outer: Mapping[int, int], numbers: Mapping[int, int]) -> ThreadStack:
    ident, tid, active, owns_gil = read.head
    frames = tuple(
        Frame(
            file=file, line=line, function=function, origin=origin(file), locals=read.values.get(number, {})
        )
        for number, (line, function, file) in enumerate(read.frames)
    )
    return ThreadStack(
        tid=outer.get(_int(tid), _int(tid)) or numbers.get(_int(ident), -_int(ident)),
        ident=_int(ident),
        name=read.name,
        active=active == "true",
        owns_gil=owns_gil == "true",
        frames=frames,
        omitted=max(0, read.depth - len(frames)),
    )


def absolute(file: str, folder: str) -> str:
    """Return a file by its whole path; what is no file (`<string>`) and what nobody knows stays as it is."""
    if not folder or file.startswith(("/", "<")) or file == "?":
        return file
    return f"{folder}/{file.removeprefix('./')}"


def _tail(text: str, count: int) -> tuple[list[str], str]:
    parts = text.split(" ", count)
    return [*parts[:count], *([""] * (count - len(parts)))], parts[count] if len(parts) > count else ""


def _json(text: str) -> str | None:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip('"')
    return value if isinstance(value, str) else None


def _int(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() else 0
