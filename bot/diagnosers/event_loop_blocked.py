"""A synchronous call stands in the event loop, so nothing else of it runs."""

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, Origin, ThreadStack

LOOPS = (("/asyncio/base_events.py", "_run_once"), ("/tornado/ioloop.py", "start"), ("/trio/_core/_run.py", "unrolled_run"),
         ("/gevent/hub.py", "run"))  # fmt: skip


def diagnose(evidence: Evidence) -> Finding | None:
    threads, shares = reading.samples(evidence), reading.cpu_shares(evidence)
    for tid, stacks in threads.items():
        inside = [_above_the_loop(stack.frames) for stack in stacks]
        if not all(inside):
            continue
        frame = reading.application(_above_the_loop(reading.shared(stacks)))
        if frame is None:
            continue
        frames = [reading.application(frames) for frames in inside]
        same = len({(one.file, one.line) for one in frames if one}) == 1
        waits = shares.get(tid, 0.0) < reading.HOT_SHARE
        still = same and (reading.is_parked(evidence, tid) or (waits and _one_turn(stacks)))
        if not still and (waits or not _one_turn(stacks)):
            continue
        coroutine = next((one for one in reversed(inside[-1]) if one.origin is Origin.APPLICATION), frame)
        because = [
            clue(
                "loop_stands",
                function=reading.bare(frame.function),
                place=reading.short(frame),
                samples=len(stacks),
            )
        ]
        if coroutine is not frame:
            because.append(
                clue("called_in", function=reading.bare(coroutine.function), place=reading.short(coroutine))
            )
        return Finding(
            cause=Cause.EVENT_LOOP_BLOCKED,
            confidence=0.93 if still else 0.7,
            culprit=reading.place(evidence, frame),
            threads=reading.names(threads, [tid]),
            because=tuple(because),
            suggest=clue("await_instead", function=reading.bare(frame.function)),
        )
    return None


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


def _above_the_loop(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return the frames that the loop called, innermost first; empty where the loop itself waits."""
    for at, frame in enumerate(frames):
        if any(frame.file.endswith(file) and reading.bare(frame.function) == name for file, name in LOOPS):
            return frames[:at]
    return ()
