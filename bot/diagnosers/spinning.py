"""A thread burns CPU in a loop. Whether it spins or gets on is told by what would end the loop."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain import reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding, Place
from bot.domain.evidence import Evidence
from bot.domain.loops import Loop, loops_at
from bot.domain.stacks import Frame, Origin, ThreadStack

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
    hot = hottest(evidence)
    if hot is None:
        return None
    moves = _progress(evidence, hot)
    if moves:
        return None
    loops = loops_at(evidence.source.get(hot.frame.file, {}), hot.frame.line)
    confidence, because = _spins(hot, loops)
    return _finding(evidence, hot, loops, cause=Cause.BUSY_LOOP, confidence=confidence, because=because)


def slow_progress(evidence: Evidence) -> Finding | None:
    """Busy, and getting on."""
    hot = hottest(evidence)
    if hot is None:
        return None
    moves = _progress(evidence, hot)
    if not moves:
        return None
    loops = loops_at(evidence.source.get(hot.frame.file, {}), hot.frame.line)
    confidence = max(_WEIGHT.get(one.code, 0.5) for one in moves)
    return _finding(evidence, hot, loops, cause=Cause.SLOW_PROGRESS, confidence=confidence, because=moves)


_WEIGHT = {"counts_on": 0.85, "exit_changed": 0.8, "io_moves": 0.65, "values_change": 0.5, "work_moves": 0.5}


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


def _progress(evidence: Evidence, hot: Hot) -> list[Clue]:
    """Return what shows that it gets on; empty where nothing does."""
    found: list[Clue] = []
    for frame in hot.frames:
        loops = loops_at(evidence.source.get(frame.file, {}), frame.line)
        changed = _changed(hot.stacks, frame)
        for loop in loops:
            if targets := sorted(changed & loop.targets):
                found.append(
                    clue("counts_on", name=targets[0], function=reading.bare(frame.function), line=loop.line)
                )
            elif exits := sorted(changed & loop.exits):
                found.append(
                    clue("exit_changed", name=exits[0], function=reading.bare(frame.function), line=loop.line)
                )
            elif loop.endless and loop.calls and changed:
                found.append(clue("values_change", name=min(changed), function=reading.bare(frame.function)))
        if found:
            return found
    if (moved := reading.io_moved(evidence)) >= IO_BYTES:
        return [clue("io_moves", bytes=moved)]
    if not any(
        loops_at(evidence.source.get(frame.file, {}), frame.line) for frame in hot.frames
    ) and _wanders(hot):
        return [clue("work_moves", function=reading.bare(hot.frame.function))]
    return []


def _changed(stacks: Sequence[ThreadStack], frame: Frame) -> set[str]:
    """Return the locals of a frame whose values differ between the dumps that took them."""
    seen: dict[tuple[int, str], set[str]] = {}
    for stack in stacks:
        for one in stack.frames:
            if (one.file, one.function) == (frame.file, frame.function):
                for name, value in one.locals.items():
                    seen.setdefault((stack.tid, name), set()).add(value)
                break
    return {name for (_, name), values in seen.items() if len(values) > 1}


def _wanders(hot: Hot) -> bool:
    """Return whether the samples stood in many different places below the shared frame."""
    tops = Counter(
        (stack.frames[0].file, stack.frames[0].function, stack.frames[0].line, stack.depth)
        for stack in hot.stacks
    )
    return len(tops) > len(hot.stacks) / 3


# --- how sure


def _spins(hot: Hot, loops: Sequence[Loop]) -> tuple[float, list[Clue]]:
    clues = [clue("burns", share=round(min(hot.share, len(hot.threads)), 2), samples=len(hot.stacks))]
    values = [
        one.locals for stack in hot.stacks for one in stack.frames if _same(one, hot.frame) and one.locals
    ]
    compared = len(values) >= 2
    if not loops:
        return 0.5, [*clues, clue("no_loop_seen")]
    loop = loops[0]
    known = {name for name in loop.exits if any(values_.get(name, "").startswith("v:") for values_ in values)}
    if not loop.calls and not (loop.exits & loop.assigned):
        return 0.88, [*clues, clue("body_changes_nothing", line=loop.line)]
    if compared and known and not loop.opaque:
        return 0.88, [*clues, clue("exit_unchanged", names=", ".join(sorted(known)), line=loop.line)]
    plain = [name for values_ in values for name, hashed in values_.items() if hashed.startswith("v:")]
    if compared and plain:
        return 0.75, [*clues, clue("values_unchanged", line=loop.line)]
    if loop.endless and compared:
        return 0.7, [*clues, clue("never_leaves", line=loop.line)]
    return 0.55, [*clues, clue("exit_not_seen", line=loop.line)]


def _same(one: Frame, other: Frame) -> bool:
    return (one.file, one.function) == (other.file, other.function)


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
