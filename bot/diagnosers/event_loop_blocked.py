"""A synchronous call stands in the event loop, so nothing else of it runs."""

from bot.domain import reading, resting
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, Origin, ThreadStack

LOOPS = (("/asyncio/base_events.py", "_run_once"), ("/tornado/ioloop.py", "start"), ("/trio/_core/_run.py", "unrolled_run"),
         ("/gevent/hub.py", "run"), ("/eventlet/hubs/hub.py", "run"), ("/eventlet/greenthread.py", "main"),
         ("/twisted/internet/posixbase.py", "_doReadOrWrite"), ("/twisted/internet/base.py", "runUntilCurrent"), ("netty/channel/nio/NioEventLoop.java", "run"), ("netty/channel/epoll/EpollEventLoop.java", "run"))  # fmt: skip
STARTERS = (("/asyncio/runners.py", "run"), ("/uvloop/__init__.py", "run"), ("/uvicorn/server.py", "run"))
"""What starts a loop that is written in C and has no frame: what it runs stands right above."""
STARTS = ("run_until_complete(", "run_forever(")


def diagnose(evidence: Evidence) -> Finding | None:
    threads, shares = reading.samples(evidence), reading.cpu_shares(evidence)
    for tid, stacks in threads.items():
        inside = [_above_the_loop(evidence, stack.frames) for stack in stacks]
        if not all(inside):
            continue
        frame = reading.application(_above_the_loop(evidence, reading.shared(stacks)))
        if frame is None:
            continue
        frames = [reading.application(frames) for frames in inside]
        same = len({(one.file, one.line) for one in frames if one}) == 1
        waits = shares.get(tid, 0.0) < reading.HOT_SHARE
        still = same and (reading.is_parked(evidence, tid) or (waits and _one_turn(stacks)))
        if not still and (waits or not _one_turn(stacks)):
            continue
        caller = _caller(evidence, inside[-1], frame)
        return Finding(
            cause=Cause.EVENT_LOOP_BLOCKED,
            confidence=0.93 if still else 0.7,
            culprit=reading.place(evidence, frame),
            called_from=reading.place(evidence, caller) if caller else None,
            threads=reading.names(threads, [tid]),
            because=_because(inside[-1], frame, caller, len(stacks)),
            suggest=clue("await_instead", function=reading.bare(frame.function)),
        )
    return None


def _because(inside: tuple[Frame, ...], frame: Frame, caller: Frame | None, samples: int) -> tuple[Clue, ...]:
    """Say where it stands, and the coroutine or handler that called it."""
    stands = clue(
        "loop_stands", function=reading.bare(frame.function), place=reading.short(frame), samples=samples
    )
    handler = caller or next((one for one in reversed(inside) if one.origin is Origin.APPLICATION), frame)
    if handler is frame:
        return (stands,)
    return (
        stands,
        clue("called_in", function=reading.bare(handler.function), place=reading.short(handler)),
    )


def _caller(evidence: Evidence, inside: tuple[Frame, ...], frame: Frame) -> Frame | None:
    """Return the innermost coroutine of the application that is not itself where it stands, else what the loop called."""
    own = [one for one in inside if one.origin is Origin.APPLICATION]
    if resting.is_coroutine(evidence, own[0]):
        return None
    others = [one for one in own[1:] if (one.file, one.line) != (frame.file, frame.line)]
    return next(
        (one for one in others if resting.is_coroutine(evidence, one)), others[-1] if others else None
    )


def _one_turn(stacks: list[ThreadStack]) -> bool:
    """Return whether the loop was in the same turn in all samples: a busy one looks alike, but goes on.

    Asyncio's `_run_once` counts the callbacks of a turn in `i` and sets `end_time` anew in each.
    """
    seen = {
        (frame.locals.get("i"), frame.locals.get("end_time"))
        for stack in stacks
        for frame in stack.frames
        if reading.bare(frame.function) == "_run_once" and frame.locals
    }
    return len(seen) == 1


def _above_the_loop(evidence: Evidence, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return the frames that the loop called, innermost first; empty where the loop itself waits."""
    for at, frame in enumerate(frames):
        if _is(frame, LOOPS):
            return frames[:at]
    for at, frame in enumerate(frames):
        text = resting.source(evidence, frame)
        if _is(frame, STARTERS) or any(word in text for word in STARTS):
            above = frames[:at]
            # a loop of asyncio's own would have been seen among the frames that this one called
            return () if any("/asyncio/" in one.file for one in above) else above
    return ()


def _is(frame: Frame, places: tuple[tuple[str, str], ...]) -> bool:
    return any(frame.file.endswith(file) and reading.bare(frame.function) == name for file, name in places)
