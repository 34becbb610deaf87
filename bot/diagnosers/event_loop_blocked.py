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
        inside = [_above_the_loop(stack) for stack in stacks]
        if not all(inside):
            continue
        frames = [reading.application(frames) for frames in inside]
        frame = frames[-1]
        if frame is None or any(
            one is None or (one.file, one.function) != (frame.file, frame.function) for one in frames
        ):
            continue
        still = len({one.line for one in frames if one}) == 1 and reading.is_parked(evidence, tid)
        if not still and shares.get(tid, 0.0) < reading.HOT_SHARE:
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


def _above_the_loop(stack: ThreadStack) -> tuple[Frame, ...]:
    """Return the frames that the loop called, innermost first; empty where the loop itself waits."""
    for at, frame in enumerate(stack.frames):
        if any(frame.file.endswith(file) and reading.bare(frame.function) == name for file, name in LOOPS):
            return stack.frames[:at]
    return ()
