"""How a loop is known to spin: by its shape and where the samples stood in it, or because nothing in it changes."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.domain import reading
from bot.domain.clues import Clue, clue
from bot.domain.cycles import find_cycle
from bot.domain.evidence import Evidence
from bot.domain.loops import Attempt, Loop, loops_at
from bot.domain.stacks import Frame, Origin, ThreadStack

Rows = list[list[str]]
"""The values of one name, in order; a row for each thread."""
MANY = 4
"""Different values of one name that are not a small circle, where hardly any comes back."""
ENOUGH = 6
"""Values: two among fewer may be a circle as well as one step forward."""
FEWEST_FAILURES = 2
MANY_KEPT = 10
DEEP = 200
WORK_DEEP = 3


def values(stacks: Iterable[ThreadStack], frame: Frame) -> dict[str, Rows]:
    """Return the hashes of a frame's locals, by name, in the order of the dumps that took them."""
    found: dict[str, dict[int, list[str]]] = {}
    for stack in stacks:
        one = frame_in(stack, frame)
        for name, value in one.locals.items() if one else ():
            found.setdefault(name, {}).setdefault(stack.tid, []).append(value)
    return {name: list(rows.values()) for name, rows in found.items()}


def frame_in(stack: ThreadStack, frame: Frame) -> Frame | None:
    """Return the innermost frame of the same function in another sample."""
    at = place_of(stack, frame)
    return None if at is None else stack.frames[at]


def place_of(stack: ThreadStack, frame: Frame) -> int | None:
    """Return how many frames stand further in than the innermost one of the same function."""
    same = (frame.file, frame.function)
    return next((at for at, one in enumerate(stack.frames) if (one.file, one.function) == same), None)


def returns(row: Sequence[str]) -> bool:
    """Return whether a value came back after another one."""
    return comebacks(row) > 0


def comebacks(row: Sequence[str]) -> int:
    """Return how often a value came back after another one."""
    return sum(row[at] != row[at - 1] and row[at] in row[: at - 1] for at in range(2, len(row)))


def is_fresh(rows: Rows) -> bool:
    """Return whether a name takes ever new values: none that came back, or so many that a small circle is none."""
    return any(_is_fresh(row) for row in rows)


def is_proven(rows: Rows) -> bool:
    """Return whether a name takes ever new values, and would have been seen to take an old one again."""
    return any(_is_fresh(row) and (len(row) >= ENOUGH or MANY <= len(row) == len(set(row))) for row in rows)


def _is_fresh(row: Sequence[str]) -> bool:
    values = len(set(row))
    return values > 1 and (not comebacks(row) or (values >= MANY and comebacks(row) < values))


def is_opaque(rows: Rows) -> bool:
    """Return whether only identities of objects are known: another object may be an old one again."""
    return all(value.startswith(("o:", "s:")) for row in rows for value in row)


def is_plain(rows: Rows) -> bool:
    """Return whether an equal hash means an equal value."""
    return all(value.startswith("v:") for row in rows for value in row)


def _is_kept(rows: Rows) -> bool:
    """Return whether a name was set to the same bytes again and again, which only short ones are."""
    return all(row[0].startswith("s:") and len(set(row)) == 1 and len(row) >= MANY_KEPT for row in rows)


def shaped(
    evidence: Evidence,
    stacks: Sequence[ThreadStack],
    frame: Frame,
    loop: Loop,
    *,
    inside: bool,
    looped: bool,
) -> tuple[float, Clue] | None:
    """Return how sure the very shape of a loop makes it, None where it takes more to tell.

    `inside`: the samples share a frame that the loop's body called. `looped`: a loop further out may call all this anew.
    """
    if failing := _fails(evidence, stacks, frame, loop, looped=looped):
        return failing
    if inside:
        return None
    if loop.waits:
        return 0.8, clue("only_asks", line=loop.line)
    if loop.counts or loop.calls:
        return None
    if not loop.exits & loop.assigned:
        return 0.88, clue("body_changes_nothing", line=loop.line)
    for name in sorted(loop.steps & loop.exits):
        rows = values(stacks, frame).get(name, [])
        if any(returns(row) for row in rows):
            return 0.88, clue("walks_in_circle", name=name, line=loop.line)
        if rows and is_opaque(rows) and any(len(set(row)) > 1 for row in rows):
            return 0.75, clue("walks_too_long", name=name, line=loop.line)
    return None


def _fails(
    evidence: Evidence, stacks: Sequence[ThreadStack], frame: Frame, loop: Loop, *, looped: bool
) -> tuple[float, Clue] | None:
    """Tell a loop that tries again at once: samples in the handlers, none in what runs after a success."""
    lines = [one.line for stack in stacks if (one := frame_in(stack, frame))]
    if any(stack.depth >= DEEP or find_cycle(stack) for stack in stacks):
        return None  # how deep calls fail is another question
    for attempt in loop.attempts:
        failed = sum(_within(line, attempt.handlers) for line in lines)
        if any(_within(line, attempt.passed) for line in lines):
            continue
        if looped and failed * 4 < len(lines):
            continue
        again = _begins_again(evidence, stacks, frame, attempt)
        if failed >= FEWEST_FAILURES or (attempt.ends and failed + again >= FEWEST_FAILURES):
            confidence = 0.65 if loop.counts else 0.78 if attempt.ends else 0.7
            return confidence, clue("fails_each_time", line=loop.line, samples=failed)
    return None


def _begins_again(evidence: Evidence, stacks: Sequence[ThreadStack], frame: Frame, attempt: Attempt) -> int:
    """Return how often the call that is tried was seen to be another one: the loop or the call back at an earlier
    line, or the call, outside of any loop, on the same line with other values.
    """
    called, turns = [], []
    for stack in stacks:
        at = place_of(stack, frame)
        if at is not None:
            turns.append((stack.tid, stack.frames[at]))
        if at and _within(stack.frames[at].line, [attempt.tried]):
            called.append((stack.tid, stack.frames[at - 1]))
    valued = [(tid, one) for tid, one in called if one.locals]
    back = sum(_same_call(one, other) and other[1].line < one[1].line for one, other in pairwise(called))
    anew = sum(
        _same_call(one, other)
        and other[1].line == one[1].line
        and other[1].locals != one[1].locals
        and not loops_at(evidence.source.get(one[1].file, {}), one[1].line)
        for one, other in pairwise(valued)
    )
    return (
        back
        + anew
        + sum(one[0] == other[0] and other[1].line < one[1].line for one, other in pairwise(turns))
    )


def _same_call(one: tuple[int, Frame], other: tuple[int, Frame]) -> bool:
    return one[0] == other[0] and one[1].function == other[1].function


def _within(line: int, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= line <= last for first, last in ranges)


def turns(stacks: Sequence[ThreadStack], frame: Frame) -> int:
    """Return how often a thread was seen to begin another turn: further up in the same function than the time before."""
    seen = [(stack.tid, one.line) for stack in stacks if (one := frame_in(stack, frame))]
    return sum(one[0] == other[0] and other[1] < one[1] for one, other in pairwise(seen))


def still(
    evidence: Evidence,
    stacks: Sequence[ThreadStack],
    frame: Frame,
    loops: Sequence[Loop],
    *,
    starved: bool = False,
) -> tuple[float, Clue]:
    """Return how sure it makes that nothing was seen to change in a loop's locals.

    `starved`: it hardly ran meanwhile. Then only a turn that was seen to end, or that cannot be long, says anything.
    """
    loop, seen = loops[0], values(stacks, frame)
    kept = {name for name, rows in seen.items() if _is_kept(rows)} & loop.assigned
    if reading.bytes_read(evidence):
        kept = set()
    plain = {name for name, rows in seen.items() if is_plain(rows)} | kept
    compared = any(len(row) >= 2 for rows in seen.values() for row in rows)
    hidden = {name for one in loops for name in one.targets & (one.shared | set(seen))} - plain
    slow = starved and loop.nests and not turns(stacks, frame)
    if not compared or hidden or slow or _works_below(evidence, stacks, frame):
        return 0.55, clue("exit_not_seen", line=loop.line)
    known = loop.exits & plain
    if known & loop.assigned and not loop.opaque:
        sure = 0.75 if known & loop.assigned <= kept else 0.88
        return sure, clue("exit_unchanged", names=", ".join(sorted(known)), line=loop.line)
    if loop.assigned - set(seen):
        return 0.55, clue("exit_not_seen", line=loop.line)
    if known and not loop.opaque:
        return 0.75, clue("exit_unchanged", names=", ".join(sorted(known)), line=loop.line)
    if plain & ((loop.assigned - loop.entered) | loop.targets):
        return 0.7, clue("values_unchanged", line=loop.line)
    if loop.counts and not loop.opaque and plain & loop.targets:
        return 0.65, clue("values_unchanged", line=loop.line)
    if loop.endless:
        return 0.65, clue("never_leaves", line=loop.line)
    return 0.55, clue("exit_not_seen", line=loop.line)


def _works_below(evidence: Evidence, stacks: Sequence[ThreadStack], frame: Frame) -> bool:
    """Return whether many samples stood in real work below the loop: in counting loops, or several calls deep."""
    working = 0
    for stack in stacks:
        at = place_of(stack, frame) or 0
        below = [one for one in stack.frames[:at] if one.origin is not Origin.INTERPRETER]
        working += len(below) >= WORK_DEEP or any(_counts(evidence, one) for one in below)
    return working * 3 >= len(stacks)


def _counts(evidence: Evidence, frame: Frame) -> bool:
    if reading.bare(frame.function) in ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"):
        return True
    return any(loop.counts for loop in loops_at(evidence.source.get(frame.file, {}), frame.line))
