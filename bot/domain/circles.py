"""A loop that goes round and round: it was seen to begin again, and whatever it could get on by stays, or comes back."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.domain import reading, spins
from bot.domain.clues import Clue, clue
from bot.domain.evidence import Evidence
from bot.domain.loops import Loop
from bot.domain.stacks import Frame, ThreadStack
from bot.domain.turns import Call, Turn, turn_of

FEWEST_VALUES = 10
FEWEST_TURNS = 3
EVER_NEW = 0.85
NOTHING_NEW = 0.25
"""Of its later changes: to a value that it never had."""
TELL_NOTHING = frozenset(
    {"re", "json", "math", "copy", "operator", "itertools", "functools", "struct", "textwrap", "string"}
)
"""Modules of the library whose functions know no more than what they are given."""
Seen = Mapping[str, spins.Rows]


def goes_round(
    evidence: Evidence, stacks: Sequence[ThreadStack], frame: Frame, loops: Sequence[Loop]
) -> tuple[float, Clue] | None:
    """Return how sure it is that one of the loops around a frame's line, the innermost first, gets nowhere."""
    seen = spins.values(stacks, frame)
    lines = [one.line for stack in stacks if (one := spins.frame_in(stack, frame))]
    if max((len(row) for rows in seen.values() for row in rows), default=0) < FEWEST_VALUES:
        return None
    if reading.bytes_read(evidence) or any(is_ever_new(rows) for rows in seen.values()):
        return None
    for at, loop in enumerate(loops):
        if any(_changed(seen, name) for outer in loops[at + 1 :] for name in outer.targets):
            return None
        source = evidence.source.get(frame.file, {})
        turn = turn_of(source, frame.line, loop.line)
        whole = any(number > loop.last for number in source)
        if (
            loop.counts
            or turn is None
            or not whole
            or any(not loop.line <= line <= loop.last for line in lines)
        ):
            continue
        found = _comes_back(seen, loop, turn) or _starts_over(stacks, frame, seen, loop, turn)
        if found:
            return found
    return None


def is_ever_new(rows: spins.Rows) -> bool:
    """Return whether a name keeps taking values that it never had."""
    return any(len(set(row)) > 1 and novelty(row) >= EVER_NEW for row in rows)


def is_new(rows: spins.Rows) -> bool:
    """Return whether a name takes new values, though it may be set back to its first one now and then."""
    enough = max(map(len, rows), default=0) >= FEWEST_VALUES
    return is_ever_new(rows) if enough else spins.is_fresh(rows)


def novelty(row: Sequence[str]) -> float:
    """Return in how many of its later changes it took a value for the first time, as a share; 0 where it did not change."""
    fresh = [
        row[at] not in row[:at] for at in range(len(row) // 2, len(row)) if at and row[at] != row[at - 1]
    ]
    return sum(fresh) / len(fresh) if fresh else 0.0


def _comes_back(seen: Seen, loop: Loop, turn: Turn) -> tuple[float, Clue] | None:
    """What would end the loop takes the same few values again and again, and nothing else could get on by itself."""
    exits = {name for name in loop.exits if _changed(seen, name)}
    if not exits or any(spins.is_opaque(rows) for rows in seen.values()):
        return None
    if not all(spins.is_plain(seen[name]) and _recurs(seen[name]) for name in exits):
        return None
    if not all(_is_closed(call, seen, exits) for call in turn.calls):
        return None  # who asks anybody else may be told something new
    return 0.75, clue("comes_back", names=", ".join(sorted(exits)), line=loop.line)


def _is_closed(call: Call, seen: Seen, exits: set[str]) -> bool:
    """Return whether a call works on nothing but what is seen: a method of a value, or a function that is given what changes."""
    if call.of:
        return call.of in seen or call.of in TELL_NOTHING
    return bool(call.mentions & exits)


def _starts_over(
    stacks: Sequence[ThreadStack], frame: Frame, seen: Seen, loop: Loop, turn: Turn
) -> tuple[float, Clue] | None:
    """One turn follows the other, and all that they hand on to each other is what it was."""
    handed_on = ((loop.assigned | loop.entered) & set(seen)) - turn.anew
    exits = {name for name in loop.exits & loop.assigned & handed_on if spins.is_plain(seen[name])}
    if not exits or any(_changed(seen, name) for name in handed_on):
        return None
    if any(spins.is_opaque(seen[name]) for name in loop.assigned & set(seen)):
        return None  # another object may stand at the same place
    known = {name for name in seen if not spins.is_opaque(seen[name])} | loop.assigned
    if any(not call.mentions & known for call in turn.calls) or _turns(stacks, frame, turn) < FEWEST_TURNS:
        return None
    return 0.75, clue("starts_over", names=", ".join(sorted(exits)), line=loop.line)


def _turns(stacks: Sequence[ThreadStack], frame: Frame, turn: Turn) -> int:
    found = [(stack.tid, turn.part_of(one.line)) for stack in stacks if (one := spins.frame_in(stack, frame))]
    return sum(
        one[0] == other[0] and one[1] is not None and other[1] is not None and other[1] < one[1]
        for one, other in pairwise(found)
    )


def _changed(seen: Seen, name: str) -> bool:
    return any(len(set(row)) > 1 for row in seen.get(name, []))


def _recurs(rows: spins.Rows) -> bool:
    return all(novelty(row) <= NOTHING_NEW and spins.comebacks(row) >= FEWEST_TURNS for row in rows)
