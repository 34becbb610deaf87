"""A thread burns CPU in a loop. Whether it spins or gets on is told by what would end the loop."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain import circles, reading, spins
from bot.domain.clues import Clue, Fact, clue
from bot.domain.cycles import find_cycle
from bot.domain.diagnosis import NAMELESS, Cause, Finding, Place
from bot.domain.evidence import Evidence
from bot.domain.loops import Loop, loops_at
from bot.domain.stacks import Frame, Origin, ThreadStack
from bot.domain.starving import starving

SURE = 0.6
DEEP, RECURSES = 100, 0.55
IO_BYTES = 4096
"""In half a second: less may be a log line about the trouble itself."""


@dataclass(frozen=True, kw_only=True)
class Hot:
    """A group of threads that burn CPU, and the innermost frame outside the interpreter that all samples share."""

    stacks: tuple[ThreadStack, ...]
    threads: tuple[str, ...]
    frames: tuple[Frame, ...]
    """All shared frames, innermost first."""
    frame: Frame
    lines: tuple[int, ...]
    """Where the samples stood in that frame."""
    share: float


def busy_loop(evidence: Evidence) -> Finding | None:
    """What would end the loop does not change."""
    return _finding_of(evidence, Cause.BUSY_LOOP)


def slow_progress(evidence: Evidence) -> Finding | None:
    """Busy, and getting on."""
    return _finding_of(evidence, Cause.SLOW_PROGRESS)


def _finding_of(evidence: Evidence, wanted: Cause) -> Finding | None:
    hot = hottest(evidence)
    if hot is None:
        return None
    cause, confidence, because, hot = _judge(evidence, hot)
    if cause is not wanted:
        return None
    loops = loops_at(evidence.source.get(hot.frame.file, {}), hot.frame.line)
    return _finding(evidence, hot, loops, cause=cause, confidence=confidence, because=because)


def _judge(evidence: Evidence, hot: Hot) -> tuple[Cause, float, list[Clue], Hot]:
    """Tell spinning from getting on: by the shape of the loop where that is certain, else by what moves.

    Where the loop is known to call the innermost frame anew each time, that frame is not shared: the loop's own is.
    """
    inner = hot.frames.index(hot.frame)
    looping = (
        (at, found)
        for at, frame in enumerate(hot.frames[inner:], start=inner)
        if (found := loops_at(evidence.source.get(frame.file, {}), frame.line))
    )
    at, loops = next(looping, (inner, []))
    starved = starving(evidence)
    burns = [clue("burns", share=round(min(hot.share, len(hot.threads)), 2), samples=len(hot.stacks))]
    if starved:
        burns = [clue("starved_too", wanted=round(starved.wanted, 2), got=round(starved.got, 2))]
    if hot.frame.function == NAMELESS:
        return Cause.BUSY_LOOP, 0.4, burns, hot
    if loops:
        shaped = spins.shaped(
            evidence,
            hot.stacks,
            hot.frames[at],
            loops[0],
            inside=hot.frames[at] is not hot.frame,
            looped=len(loops) > 1 or any(True for _ in looping),
        )
        outer = _moves(evidence, hot, at, skip=1)
        if shaped and not any(weight >= SURE for weight, _ in outer):
            looping_frame = hot.frames[at]
            if looping_frame is not hot.frame:
                hot = replace(hot, frames=hot.frames[at:], frame=looping_frame, lines=(looping_frame.line,))
            sure = RECURSES if _recurses(hot) else shaped[0]
            return Cause.BUSY_LOOP, min(sure, shaped[0]), [*burns, shaped[1]], hot
        circle = circles.goes_round(evidence, hot.stacks, hot.frames[at], loops)
        if circle and hot.frames[at] is hot.frame:
            further = _moves(evidence, hot, at + 1, skip=0)
            if not any(weight >= SURE for weight, _ in further):
                return Cause.BUSY_LOOP, circle[0], [*burns, circle[1]], hot
    moves = _progress(evidence, hot)
    if moves:
        return Cause.SLOW_PROGRESS, max(weight for weight, _ in moves), [one for _, one in moves], hot
    if not loops or hot.frames[at] is not hot.frame:
        return Cause.BUSY_LOOP, 0.5, [*burns, clue("no_loop_seen")], hot
    confidence, why = spins.still(evidence, hot.stacks, hot.frame, loops, starved=starved is not None)
    return Cause.BUSY_LOOP, confidence, [*burns, why], hot


def _recurses(hot: Hot) -> bool:
    """Return whether a recursion was seen below the loop: that may be what fails, and the loop what starts it again."""
    return any(stack.depth >= DEEP and find_cycle(stack) for stack in hot.stacks)


def hottest(evidence: Evidence) -> Hot | None:
    """Return the threads that burn most CPU with what their samples share, None where none does or no frame is shared."""
    threads, shares = reading.samples(evidence), reading.cpu_shares(evidence)
    for group in reading.hot_groups(evidence):
        stacks = tuple(stack for tid in group for stack in threads[tid])
        frames = reading.shared(stacks)
        frame = reading.innermost(frames, Origin.APPLICATION, Origin.LIBRARY)
        if frame is None:
            continue
        inner = frames.index(frame)
        lines = tuple(
            stack.frames[len(stack.frames) - (len(frames) - inner)].line
            for stack in stacks
            if not stack.omitted
        )
        return Hot(
            stacks=stacks,
            threads=reading.names(threads, group),
            frames=frames,
            frame=frame,
            lines=lines or (frame.line,),
            share=sum(shares.get(tid, 0.0) for tid in group),
        )
    return None


# --- what moves


def _progress(evidence: Evidence, hot: Hot) -> list[tuple[float, Clue]]:
    """Return what shows that it gets on, with how much it says; empty where nothing does."""
    found = _moves(evidence, hot, 0, skip=0)
    if found:
        return found
    read, written = reading.bytes_read(evidence), reading.io_moved(evidence)
    if written >= IO_BYTES:
        return [(0.65 if read >= IO_BYTES else 0.5, clue("io_moves", bytes=written))]
    if not any(
        loops_at(evidence.source.get(frame.file, {}), frame.line) for frame in hot.frames
    ) and _wanders(hot):
        return [(0.5, clue("work_moves", function=reading.bare(hot.frame.function)))]
    return []


def _moves(evidence: Evidence, hot: Hot, begin: int, *, skip: int) -> list[tuple[float, Clue]]:
    """Return what changes in the innermost loops that get on, from frame `begin` outwards; `skip` loops of that frame."""
    for at, frame in enumerate(hot.frames[begin:], start=begin):
        loops = loops_at(evidence.source.get(frame.file, {}), frame.line)
        seen = spins.values(hot.stacks, frame)
        changed = {name for name, rows in seen.items() if any(len(set(row)) > 1 for row in rows)}
        found = []
        again = [loop.line for loop in loops if not loop.counts]  # may start what counts within it anew
        for loop in loops[skip if at == begin else 0 :]:
            name = next(
                iter(sorted(changed & loop.targets) or sorted(changed & loop.exits - loop.inner)), None
            )
            where: dict[str, Fact] = {"function": reading.bare(frame.function), "line": loop.line}
            if name in loop.targets:
                is_new = circles.is_new if any(line < loop.line for line in again) else spins.is_fresh
                sure = is_new(seen[name]) and not loop.proves_failure(frame.line)
                found.append((0.85 if sure else 0.5, clue("counts_on", name=name, **where)))
            elif name is not None:
                sure = (name in loop.climbs or spins.is_proven(seen[name])) and not spins.is_opaque(
                    seen[name]
                )
                found.append((0.8 if sure else 0.5, clue("exit_changed", name=name, **where)))
            elif loop.endless and loop.calls and changed:
                found.append(
                    (0.5, clue("values_change", name=min(changed), function=reading.bare(frame.function)))
                )
        if found:
            return found
    return []


def _wanders(hot: Hot) -> bool:
    """Return whether the samples stood in many different places below the shared frame."""
    tops = Counter(
        (stack.frames[0].file, stack.frames[0].function, stack.frames[0].line, stack.depth)
        for stack in hot.stacks
    )
    return len(tops) > len(hot.stacks) / 3


# --- said


def _finding(
    evidence: Evidence,
    hot: Hot,
    loops: Sequence[Loop],
    *,
    cause: Cause,
    confidence: float,
    because: Sequence[Clue],
) -> Finding:
    application = reading.application(hot.frames)
    called_from = (
        reading.place(evidence, application) if application and application is not hot.frame else None
    )
    spun = cause is Cause.BUSY_LOOP
    return Finding(
        cause=cause,
        confidence=confidence,
        culprit=_culprit(evidence, hot, loops),
        called_from=called_from,
        threads=hot.threads,
        because=tuple(because),
        suggest=clue(
            "look_at_the_exit" if spun else "let_it_work", function=reading.bare(hot.frame.function)
        ),
    )


def _culprit(evidence: Evidence, hot: Hot, loops: Sequence[Loop]) -> Place:
    """Return the line: where all samples stood, or the head of the loop around them."""
    place = reading.place(evidence, replace(hot.frame, line=Counter(hot.lines).most_common(1)[0][0]))
    if len(set(hot.lines)) == 1:
        return place
    around = next((loop for loop in loops if all(loop.line <= line <= loop.last for line in hot.lines)), None)
    return reading.place(evidence, hot.frame, around.line) if around else place
