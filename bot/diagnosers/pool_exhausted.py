"""Every worker or connection of a pool is taken, and the takers wait for what only they could give back."""

import re

from bot.domain import pools, reading, resting
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, ThreadStack

WORKER = (
    ("/concurrent/futures/thread.py", "_worker"),
    ("/multiprocessing/pool.py", "worker"),
    ("concurrent/ThreadPoolExecutor.java", "runWorker"),
    ("concurrent/ForkJoinPool.java", "runWorker"),
)
RESULT = (
    ("/concurrent/futures/_base.py", "result"),
    ("/multiprocessing/pool.py", "get"),
    ("/multiprocessing/pool.py", "wait"),
    ("concurrent/FutureTask.java", "get"),
)
WAITING = (
    ("/threading.py", "wait"),
    ("/threading.py", "acquire"),
    ("concurrent/locks/LockSupport.java", "park"),
    ("java/lang/Object.java", "wait"),
)
HANDS_OVER = (".submit(", ".apply_async(", ".map(", "run_in_executor(", ".map_async(")
ELSEWHERE = ("run_coroutine_threadsafe(",)
FEWEST_ALIKE = 3
NUMBER = re.compile(r"[_-]?\d+$")

Threads = dict[int, list[ThreadStack]]


def diagnose(evidence: Evidence) -> Finding | None:
    threads = reading.samples(evidence)
    found = (_workers(evidence, threads, pool) for pool in _pools(threads))
    return (
        next(filter(None, found), None)
        or _connections(evidence)
        or _semaphore(evidence)
        or _alike(evidence, threads)
    )


def _pools(threads: Threads) -> list[list[int]]:
    """Return the workers of each pool, told apart by the names that an executor gives its threads."""
    pools: dict[str, list[int]] = {}
    for tid, stacks in threads.items():
        if _is_worker(stacks[-1]):
            pools.setdefault(NUMBER.sub("", stacks[-1].name or ""), []).append(tid)
    return list(pools.values())


def _workers(evidence: Evidence, threads: Threads, pool: list[int]) -> Finding | None:
    """Judge one pool: no worker is free, and each waits for what it handed to a pool."""
    frames = {tid: frame for tid in pool if (frame := reading.application(threads[tid][-1].frames))}
    if len(frames) != len(pool) or not all(reading.is_parked(evidence, tid) for tid in pool):
        return None
    results = all(reading.stands_in(stack, *RESULT) for tid in pool for stack in threads[tid])
    waits = all(reading.stands_in(stack, *WAITING, *RESULT) for tid in pool for stack in threads[tid])
    if not waits or evidence.children or _busy_elsewhere(threads, pool):
        return None
    if any(word in resting.source(evidence, frame) for frame in frames.values() for word in ELSEWHERE):
        return None
    handed = all(_hands_over(evidence, frame) for frame in frames.values())
    if not (results or handed):
        return None
    frame = frames[pool[0]]
    return Finding(
        cause=Cause.POOL_EXHAUSTED,
        confidence=0.9 if results and handed else 0.78 if handed else 0.62,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, pool),
        because=(clue("all_workers_wait", count=len(pool), function=reading.bare(frame.function)),),
        suggest=clue("another_pool"),
    )


def _busy_elsewhere(threads: Threads, pool: list[int]) -> bool:
    """Return whether a worker of another pool is at work: the results may be on their way."""
    return any(
        tid not in pool
        and _is_worker(stacks[-1])
        and reading.application(stacks[-1].frames) is not None
        and not reading.stands_in(stacks[-1], *RESULT)
        for tid, stacks in threads.items()
    )


def _hands_over(evidence: Evidence, frame: Frame) -> bool:
    """Return whether the waiting function itself gave work to a pool, as its lines before the wait say."""
    lines = evidence.source.get(frame.file, {})
    depth: int | None = None
    for number in range(frame.line, frame.line - 41, -1):
        text = lines.get(number, "")
        if any(word in text for word in HANDS_OVER):
            return True
        indent = len(text) - len(text.lstrip())
        depth = indent if depth is None else depth
        if text.lstrip().startswith(("def ", "async def ")) and indent < depth:
            return False
    return False


def _connections(evidence: Evidence) -> Finding | None:
    """Whoever asks a known pool for a connection waits in it. Where somebody is at work who may hold one, that is the root."""
    takers, threads = pools.takers(evidence), reading.samples(evidence)
    tids = list(takers)
    frame = reading.application(threads[tids[0]][-1].frames) if tids else None
    if frame is None:
        return None
    at_work = pools.holders(evidence, tids)
    many = len(tids) >= pools.FEWEST_TAKERS
    return Finding(
        cause=Cause.POOL_EXHAUSTED,
        confidence=0.55 if at_work else 0.75 if many else 0.65,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, tids),
        because=(
            clue("takers_wait", count=len(tids), pool=takers[tids[0]], function=reading.bare(frame.function)),
        ),
        against=(clue("holder_may_work", count=len(at_work)),) if at_work else (),
        suggest=clue("look_for_the_leak"),
    )


def _semaphore(evidence: Evidence) -> Finding | None:
    tids, threads = pools.semaphore_takers(evidence), reading.samples(evidence)
    frame = reading.application(threads[tids[0]][-1].frames) if tids else None
    if frame is None:
        return None
    return Finding(
        cause=Cause.POOL_EXHAUSTED,
        confidence=0.68,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, tids),
        because=(clue("semaphore_takers", count=len(tids), function=reading.bare(frame.function)),),
        suggest=clue("look_for_the_leak"),
    )


def _alike(evidence: Evidence, threads: Threads) -> Finding | None:
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
