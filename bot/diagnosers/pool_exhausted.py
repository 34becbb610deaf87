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


def diagnose(evidence: Evidence) -> Finding | None:
    threads = reading.samples(evidence)
    workers = {tid: stacks for tid, stacks in threads.items() if _is_worker(stacks[-1])}
    if not workers:
        return None
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


def _is_worker(stack: ThreadStack) -> bool:
    return any(
        frame.file.endswith(file) and reading.bare(frame.function) == name
        for frame in stack.frames
        for file, name in WORKER
    )
