"""A cycle of frames that deepens, or dies at the limit and starts again because somebody swallows the error."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from bot.domain import reading, spins
from bot.domain.clues import Clue, clue
from bot.domain.cycles import MOST_LEAVES, Cycle, find_cycle
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.loops import loops_at, swallows_at
from bot.domain.stacks import Frame, Origin, ThreadStack, has_lines

DEEP = 440
"""Near the limit, at which a property or `__getattr__` on an older Python counts twice."""
ALIKE_DEEP = 250
SHALLOW = 40
FEWEST_DEPTHS = 5
CIRCLE = 2
"""Values of what a loop takes up again: one step forward, or a circle of two that was not seen to close."""


def diagnose(evidence: Evidence) -> Finding | None:
    threads = reading.samples(evidence)
    best: Finding | None = None
    for group in reading.alike(threads):
        stacks = [stack for tid in group for stack in threads[tid]]
        finding = _in_group(evidence, stacks, reading.names(threads, group))
        if finding and (best is None or finding.confidence > best.confidence):
            best = finding
    return best


def _in_group(evidence: Evidence, stacks: Sequence[ThreadStack], names: tuple[str, ...]) -> Finding | None:
    ordered = sorted(stacks, key=lambda stack: -stack.depth)
    found = next(((stack, cycle) for stack in ordered[:6] if (cycle := find_cycle(stack))), None)
    if found is None:
        return None
    deepest, cycle = found
    confidence, because = _judge(evidence, stacks, deepest, cycle)
    if not confidence:
        return None
    calls, caller = _recursing_call(deepest, cycle), _outside(deepest, cycle)
    compiled = (
        () if has_lines(calls) else (clue("in_a_template", template=calls.file, function=calls.function),)
    )
    if compiled:
        calls = _nearest_with_lines(deepest, cycle) or calls
    several = len({frame.function for frame in cycle.frames}) > 1
    shape = clue(
        "cycle" if several else "calls_itself", functions=_named(cycle.frames), deepest=deepest.depth
    )
    clues = [shape, *compiled, *because]
    if caller is not None and (loops := loops_at(evidence.source.get(caller.file, {}), caller.line)):
        clues.append(
            clue("starts_again", function=caller.function, place=reading.short(caller), loop=loops[0].line)
        )
    outside = (frame for frame in deepest.frames if has_lines(frame))
    called_from = reading.application(outside) if calls.origin is not Origin.APPLICATION else None
    return Finding(
        cause=Cause.INFINITE_RECURSION,
        confidence=confidence,
        culprit=reading.place(evidence, calls),
        called_from=reading.place(evidence, called_from) if called_from else None,
        cycle=tuple(reading.place(evidence, frame) for frame in reversed(cycle.frames)),
        threads=names,
        because=tuple(clues),
        suggest=clue("end_the_recursion", function=reading.bare(calls.function)),
    )


def _judge(
    evidence: Evidence, stacks: Sequence[ThreadStack], deepest: ThreadStack, cycle: Cycle
) -> tuple[float, list[Clue]]:
    """Tell an endless recursion from an honest deep one: by repeated arguments, by growth, by the limit."""
    depths = [stack.depth for stack in stacks]
    if _rests(evidence, stacks, cycle):
        return 0.0, []
    if evidence.jvm and evidence.jvm.overflows and deepest.depth >= DEEP:
        return 0.93, [clue("overflows", count=evidence.jvm.overflows)]
    alike = same_arguments(stacks, cycle)
    if alike and deepest.depth >= (SHALLOW if alike == "values" else ALIKE_DEEP):
        return 0.95, [clue("same_arguments", repeats=cycle.repeats), *_swing(depths)]
    if _outer_moves(evidence, stacks, cycle):
        swallowed = deepest.depth >= DEEP and _is_swallowed(evidence, deepest, cycle)
        return (0.8, _swing(depths)) if swallowed else (0.0, [])
    grows = len(set(depths)) >= FEWEST_DEPTHS and all(later >= one for one, later in pairwise(depths))
    if grows:
        return 0.9, [clue("deepens", first=depths[0], last=depths[-1], samples=len(depths))]
    if deepest.depth >= 0.9 * reading.RECURSION_LIMIT:
        confidence = 0.9
    elif deepest.depth >= DEEP and min(depths) <= SHALLOW:
        confidence = 0.8
    else:
        return 0.0, []
    told = _compared(stacks) or _is_swallowed(evidence, deepest, cycle, broadly=True)
    return (confidence if told else 0.55), _swing(depths)


def _rests(evidence: Evidence, stacks: Sequence[ThreadStack], cycle: Cycle) -> bool:
    """Return whether it computes at one depth: neither does it deepen, nor does it die and start again."""
    shares = reading.cpu_shares(evidence)
    depths = [stack.depth for stack in stacks]
    hot = sum(shares.get(tid, 0.0) for tid in {stack.tid for stack in stacks}) >= reading.HOT_SHARE
    return (
        hot and len(depths) >= FEWEST_DEPTHS and max(depths) - min(depths) <= len(cycle.frames) + MOST_LEAVES
    )


def _compared(stacks: Sequence[ThreadStack]) -> bool:
    """Return whether what gets on outside of the recursion would have been seen: locals were taken more than once."""
    taken = Counter(stack.tid for stack in stacks if any(frame.locals for frame in stack.frames))
    return any(count > 1 for count in taken.values())


def _is_swallowed(evidence: Evidence, deepest: ThreadStack, cycle: Cycle, *, broadly: bool = False) -> bool:
    """Return whether a caller catches what ends a recursion, and a loop starts it again: then counting turns of that
    loop is no progress.
    """
    keys = {(frame.file, frame.function) for frame in cycle.frames}
    swallowed = False
    for frame in deepest.frames:
        if (frame.file, frame.function) in keys:
            continue
        lines = evidence.source.get(frame.file, {})
        here = swallows_at(lines, frame.line, broadly=broadly)
        swallowed = here or (broadly and swallowed)
        if swallowed and loops_at(lines, frame.line):
            return True
    return False


def _swing(depths: Sequence[int]) -> list[Clue]:
    if len(depths) > 1 and min(depths) < max(depths) / 2:
        return [clue("depth_swings", lowest=min(depths), highest=max(depths), samples=len(depths))]
    return []


def same_arguments(stacks: Sequence[ThreadStack], cycle: Cycle) -> str:
    """Return whether each turn of the cycle was made with the very same locals: `values`, or `objects` alone, or empty.

    A method that recurses on one object may still get on inside it, as a parser does: objects alone say less.
    """
    keys = {(frame.file, frame.function) for frame in cycle.frames}
    found = ""
    for stack in stacks:
        if not any(frame.locals for frame in stack.frames) or find_cycle(stack) is None:
            continue
        turns: dict[tuple[str, str, int], list[dict[str, str]]] = {}
        inner = [frame for frame in stack.frames[:40] if (frame.file, frame.function) in keys]
        for frame in inner[1:]:
            plain = {name: value for name, value in frame.locals.items() if not name.startswith(".")}
            if plain:
                turns.setdefault((frame.file, frame.function, frame.line), []).append(plain)
        compared = [seen for seen in turns.values() if len(seen) >= 3]
        if any(one != seen[0] for seen in compared for one in seen):
            return ""
        if compared and found != "values":
            if any(value.startswith("c:") for seen in compared for value in seen[0].values()):
                return ""  # what was cut off may differ
            values = any(value.startswith("v:") for seen in compared for value in seen[0].values())
            found = "values" if values else "objects"
    return found


def _outer_moves(evidence: Evidence, stacks: Sequence[ThreadStack], cycle: Cycle) -> bool:
    """Return whether a loop outside the recursion gets on: what it counts through, or what ends it, changes.

    What ends a loop that takes up again what failed comes back; few values do not show whether it does. A loop further
    in than the recursion is no such one: what tidies up after it died counts through its frames.
    """
    deepest = max(stacks, key=lambda stack: stack.depth)
    outer = {(frame.file, frame.function) for frame in _beyond(deepest, cycle)}
    tried_again = _is_swallowed(evidence, deepest, cycle, broadly=True)
    counted: dict[tuple[int, str, str, str], list[str]] = {}
    ending: dict[tuple[int, str, str, str], list[str]] = {}
    for stack in stacks:
        for frame in stack.frames:
            if (frame.file, frame.function) not in outer or not frame.locals:
                continue
            for loop in loops_at(evidence.source.get(frame.file, {}), frame.line):
                if loop.proves_failure(frame.line):
                    continue
                for name in (loop.targets | loop.exits) & set(frame.locals):
                    rows = counted if name in loop.targets else ending
                    rows.setdefault((stack.tid, frame.file, frame.function, name), []).append(
                        frame.locals[name]
                    )
    if any(len(set(row)) > 1 for row in counted.values()):
        return True
    if tried_again:
        return any(len(set(row)) > CIRCLE and spins.is_proven([row]) for row in ending.values())
    return any(len(set(row)) > 1 for row in ending.values())


def _recursing_call(stack: ThreadStack, cycle: Cycle) -> Frame:
    """Return the frame whose call closes the circle: the one that calls the function the recursion was entered by."""
    keys = [(frame.file, frame.function) for frame in cycle.frames]
    entered = next(
        (key for frame in reversed(stack.frames) if (key := (frame.file, frame.function)) in keys), keys[0]
    )
    at = keys.index(entered)
    closing = cycle.frames[(at + 1) % len(keys)]
    if closing.origin is Origin.INTERPRETER:
        return next((frame for frame in cycle.frames if frame.origin is not Origin.INTERPRETER), closing)
    return closing


def _nearest_with_lines(stack: ThreadStack, cycle: Cycle) -> Frame | None:
    """Return a frame of the cycle whose line is one of its file, else the one that called the cycle."""
    outside = stack.frames[cycle.begins + len(cycle.frames) * cycle.repeats :]
    return next((frame for frame in (*cycle.frames, *outside) if has_lines(frame)), None)


def _outside(stack: ThreadStack, cycle: Cycle) -> Frame | None:
    """Return the application frame from which the recursion was entered."""
    return reading.application(frame for frame in _beyond(stack, cycle) if has_lines(frame))


def _beyond(stack: ThreadStack, cycle: Cycle) -> tuple[Frame, ...]:
    """Return the frames that led to the recursion."""
    keys = {(frame.file, frame.function) for frame in cycle.frames}
    last = max(at for at, frame in enumerate(stack.frames) if (frame.file, frame.function) in keys)
    return stack.frames[last + 1 :]


def _named(frames: Sequence[Frame]) -> str:
    return ", ".join(dict.fromkeys(reading.bare(frame.function) for frame in reversed(frames)))
