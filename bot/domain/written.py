"""Stacks as text, for people who want to read them: each thread's deepest one, the same ones once, secrets masked."""

import re
from collections.abc import Iterable

from bot.domain import redaction
from bot.domain.stacks import Dump, ThreadStack

KEPT_INNERMOST = 200
"""Behind so many frames stands what was left out of a very deep stack."""
MOST_BYTES = 1 << 20
NOTE_BYTES = 200
NAMED = 12
HEAD = re.compile(r"^(?:Thread |(\d+) threads )", re.MULTILINE)


def written(dumps: Iterable[Dump]) -> str:
    """Return the stacks, whole ones, at most 1 MiB of them; what is left out is counted at the end."""
    blocks = [_block(group) for group in _groups(dumps)]
    kept: list[str] = []
    room = MOST_BYTES - NOTE_BYTES
    for block in blocks:
        room -= len(block.encode(errors="replace")) + 2
        if room < 0:
            rest = len(blocks) - len(kept)
            kept.append(f"… {rest} more stacks were left out: this holds {MOST_BYTES >> 20} MiB at most.")
            break
        kept.append(block)
    return "\n\n".join(kept)


def counted(text: str) -> tuple[int, int]:
    """Return how many threads written stacks tell of, and in how many different stacks."""
    heads = HEAD.findall(text)
    return sum(int(head or 1) for head in heads), len(heads)


def _groups(dumps: Iterable[Dump]) -> list[list[ThreadStack]]:
    deepest: dict[int, ThreadStack] = {}
    for thread in (one for dump in dumps for one in dump.threads):
        if thread.tid not in deepest or thread.depth > deepest[thread.tid].depth:
            deepest[thread.tid] = thread
    groups: dict[object, list[ThreadStack]] = {}
    for thread in deepest.values():
        places = tuple((frame.file, frame.line, frame.function) for frame in thread.frames)
        groups.setdefault((places, thread.omitted, thread.owns_gil), []).append(thread)
    return list(groups.values())


def _block(group: list[ThreadStack]) -> str:
    first = group[0]
    held = " (holds the GIL)" if first.owns_gil else ""
    if len(group) == 1:
        head = f"Thread {_named(first)}{held}, {first.depth} deep"
    else:
        more = f", and {len(group) - NAMED} more" if len(group) > NAMED else ""
        names = ", ".join(_named(thread) for thread in group[:NAMED])
        head = f"{len(group)} threads with the same stack, {first.depth} deep: {names}{more}"
    rows = [
        f"    {frame.function} ({redaction.path(frame.file)}:{frame.line})".replace("\n", " ")
        for frame in first.frames
    ]
    if first.omitted:
        rows.insert(KEPT_INNERMOST, f"    … {first.omitted} more …")
    return "\n".join([head, *rows])


def _named(thread: ThreadStack) -> str:
    name = redaction.prose(thread.name or "").replace("\n", " ")
    return f'{thread.tid} "{name}"' if name else str(thread.tid)
