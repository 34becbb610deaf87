"""Every worker of a pool is taken, and waits for work that only the same pool could do."""

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import ThreadStack

WORKER = (("/concurrent/futures/thread.py", "_worker"), ("/multiprocessing/pool.py", "worker"))
RESULT = (
    ("/concurrent/futures/_base.py", "result"),
    ("/multiprocessing/pool.py", "get"),
    ("/multiprocessing/pool.py", "wait"),
)

WAITING = (("/threading.py", "wait"), ("/threading.py", "acquire"))
FEWEST_ALIKE = 3


def diagnose(evidence: Evidence) -> Finding | None:
    threads = reading.samples(evidence)
    workers = {tid: stacks for tid, stacks in threads.items() if _is_worker(stacks[-1])}
    if not workers:
        return _alike(evidence, threads)
    taken = {
        tid: frame for tid, stacks in workers.items() if (frame := reading.application(stacks[-1].frames))
    }
    waiting = [tid for tid in taken if all(reading.stands_in(stack, *RESULT) for stack in workers[tid])]
    if len(taken) != len(workers) or len(waiting) != len(workers):
        return None
    frame = taken[waiting[0]]
    return Finding(
        cause=Cause.POOL_EXHAUSTED,
        confidence=0.88,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, waiting),
        because=(clue("all_workers_wait", count=len(workers), function=reading.bare(frame.function)),),
        suggest=clue("another_pool"),
    )


def _alike(evidence: Evidence, threads: dict[int, list[ThreadStack]]) -> Finding | None:
    """Guess at a pool of the program's own: several threads wait for the same thing at the same line."""
    groups: dict[tuple[str, int], list[int]] = {}
    for tid, stacks in threads.items():
        frame = reading.application(stacks[-1].frames)
        if (
            frame
            and not reading.waits_for_jobs(evidence, stacks[-1])
            and all(reading.stands_in(stack, *WAITING) for stack in stacks)
            and reading.is_parked(evidence, tid)
        ):
            groups.setdefault((frame.file, frame.line), []).append(tid)
    alike = max(groups.values(), key=len, default=[])
    frame = reading.application(threads[alike[0]][-1].frames) if alike else None
    if len(alike) < FEWEST_ALIKE or frame is None:
        return None
    return Finding(
        cause=Cause.POOL_EXHAUSTED,
        confidence=0.55,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, alike),
        because=(clue("all_wait_alike", count=len(alike), function=reading.bare(frame.function)),),
        against=(clue("idle_looks_alike"),),
        suggest=clue("look_at_the_producer"),
    )


def _is_worker(stack: ThreadStack) -> bool:
    return any(
        frame.file.endswith(file) and reading.bare(frame.function) == name
        for frame in stack.frames
        for file, name in WORKER
    )
