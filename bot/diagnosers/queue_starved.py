"""It waits for a queue that nobody feeds, or for the end of jobs that nobody does."""

from itertools import takewhile

from bot.domain import reading, resting, standing
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Origin, ThreadStack

QUEUE_JOIN = (("/queue.py", "join"), ("/Queue.py", "join"))
SERVING = (
    ("/socketserver.py", "finish_request"),
    ("/wsgiref/handlers.py", "run"),
    ("/waitress/task.py", "service"),
    ("/gunicorn/workers/sync.py", "handle_request"),
    ("/gunicorn/workers/gthread.py", "handle_request"),
    ("/cheroot/server.py", "communicate"),
)
AT_REST = frozenset({"listens", "queue", "pool", "joins", "serves", "rests"})
TAKES = (".get(",)
BARRIER = (("/threading.py", "_wait"),)
POOL_RESULTS = (("/multiprocessing/pool.py", "wait"), ("/multiprocessing/pool.py", "next"))
IDLE_WORKER = ("pipe_read", "futex_wait_queue", "futex_do_wait", "futex_wait_queue_me")


def diagnose(evidence: Evidence) -> Finding | None:
    return (
        _jobs_never_done(evidence)
        or _no_reply(evidence)
        or _alone(evidence)
        or _lost_job(evidence)
        or _nobody_left(evidence)
        or _guess(evidence)
    )


def _jobs_never_done(evidence: Evidence) -> Finding | None:
    """A thread waits until all jobs of a queue are done, and whoever could do one waits for a job."""
    threads = reading.samples(evidence)
    joins = [
        tid
        for tid, stacks in threads.items()
        if all(reading.stands_in(stack, *QUEUE_JOIN) for stack in stacks) and resting.for_ever(evidence, tid)
    ]
    others = {tid: stacks for tid, stacks in threads.items() if tid not in joins}
    if not joins or evidence.children or not _all_seen(evidence):
        return None
    if not all(_takes(evidence, tid, stacks) for tid, stacks in others.items()):
        return None
    because = clue("jobs_not_done", count=len(others)) if others else clue("nobody_does_jobs")
    return _found(evidence, joins, because, "look_at_task_done" if others else "look_at_the_consumer")


def _no_reply(evidence: Evidence) -> Finding | None:
    """Whoever serves a client waits in a queue, the client waits for its answer, and nobody else has anything to do."""
    clients, kinds = len(resting.unanswered(evidence)), standing.kinds_of(evidence)
    if not clients or not kinds or not set(kinds.values()) <= AT_REST or evidence.children:
        return None
    serving = [
        tid
        for tid, stacks in reading.samples(evidence).items()
        if resting.for_ever(evidence, tid)
        and all(reading.stands_in(stack, *reading.QUEUE_GET) and _serves(stack) for stack in stacks)
        and not _library_queue(stacks[-1])
    ]
    if not serving:
        return None
    return _found(evidence, serving, clue("no_reply_comes", count=clients), "look_at_the_producer")


def _serves(stack: ThreadStack) -> bool:
    return any(
        frame.file.endswith(file) and reading.bare(frame.function) == name
        for frame in stack.frames
        for file, name in SERVING
    )


def _alone(evidence: Evidence) -> Finding | None:
    """The only thread of a process without children waits in a queue: nobody is left who could put anything."""
    threads = reading.samples(evidence)
    if len(threads) != 1 or evidence.children or not _all_seen(evidence):
        return None
    ((tid, stacks),) = threads.items()
    inside = all(reading.stands_in(stack, *reading.QUEUE_GET) for stack in stacks)
    if not inside or not resting.for_ever(evidence, tid) or _library_queue(stacks[-1]):
        return None
    return _found(evidence, [tid], clue("nobody_else_lives"), "look_at_the_producer")


def _lost_job(evidence: Evidence) -> Finding | None:
    """A thread waits for the outcome of a pool of processes, and all of them wait for work: one that died took a job with it."""
    workers = evidence.children
    idle = all(one.state == "S" and (one.wchan or "").endswith(IDLE_WORKER) for one in workers)
    if not workers or not idle:
        return None
    for tid, stacks in reading.samples(evidence).items():
        frame = reading.application(stacks[-1].frames)
        inside = all(reading.stands_in(stack, *POOL_RESULTS) for stack in stacks)
        if frame and inside and resting.for_ever(evidence, tid):
            return Finding(
                cause=Cause.QUEUE_STARVED,
                confidence=0.58,
                culprit=reading.place(evidence, frame),
                threads=(reading.name_of(stacks[-1]),),
                because=(clue("workers_have_no_job", count=len(workers)),),
                against=(clue("workers_look_idle"),),
                suggest=clue("look_at_dead_workers"),
            )
    return None


def _nobody_left(evidence: Evidence) -> Finding | None:
    """Every thread there is waits, without a time limit, for another one to arrive, to notify it, or to end.

    At a barrier that is sure. A handler of a signal may set an event or notify, so of those it is a guess.
    """
    threads = reading.samples(evidence)
    if evidence.children or evidence.sockets or not _all_seen(evidence):
        return None
    waits = {tid: _waits_for_another(evidence, tid, stacks) for tid, stacks in threads.items()}
    waiting = [tid for tid, what in waits.items() if what in ("barrier", "notice")]
    if not waiting or not all(waits.values()):
        return None
    gather = [tid for tid in waiting if waits[tid] == "barrier"]
    frame = reading.application(threads[(gather or waiting)[0]][-1].frames)
    if frame is None:
        return None
    return Finding(
        cause=Cause.QUEUE_STARVED,
        confidence=0.7 if gather else 0.55,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, gather or waiting),
        because=(clue("barrier_not_full", count=len(gather)) if gather else clue("nobody_notifies"),),
        against=() if gather else (clue("signal_may_wake_it"),),
        suggest=clue("look_at_who_is_missing"),
    )


def _waits_for_another(evidence: Evidence, tid: int, stacks: list[ThreadStack]) -> str:
    if not resting.for_ever(evidence, tid):
        return ""
    if all(reading.stands_in(stack, *BARRIER) for stack in stacks):
        return "barrier"
    if all(reading.stands_in(stack, *standing.JOINS) for stack in stacks):
        return "end"
    return "notice" if all(reading.stands_in(stack, reading.CONDITION) for stack in stacks) else ""


def _guess(evidence: Evidence) -> Finding | None:
    """Every working thread waits for a queue; whether anybody should feed it, no stack tells."""
    kinds = standing.kinds_of(evidence)
    if not kinds or "stuck" in kinds.values() or "listens" in kinds.values():
        return None
    waiting = [tid for tid, kind in kinds.items() if kind == "queue"]
    if not waiting:
        return None
    threads = reading.samples(evidence)
    frame = reading.application(threads[waiting[0]][-1].frames)
    return Finding(
        cause=Cause.QUEUE_STARVED,
        confidence=0.55,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=reading.names(threads, waiting),
        because=(clue("all_in_queue_get", count=len(waiting)),),
        against=(clue("idle_looks_alike"),),
        suggest=clue("look_at_the_producer"),
    )


def _found(evidence: Evidence, tids: list[int], because: Clue, suggest: str) -> Finding | None:
    threads = reading.samples(evidence)
    frame = reading.application(threads[tids[0]][-1].frames)
    if frame is None:
        return None
    return Finding(
        cause=Cause.QUEUE_STARVED,
        confidence=0.7,
        culprit=reading.place(evidence, frame),
        threads=reading.names(threads, tids),
        because=(because,),
        suggest=clue(suggest),
    )


def _takes(evidence: Evidence, tid: int, stacks: list[ThreadStack]) -> bool:
    """Return whether a thread waits, without a time limit, for a job."""
    return resting.for_ever(evidence, tid) and all(
        reading.waits_for_jobs(evidence, stack)
        or any(word in resting.source(evidence, stack.frames[0]) for word in TAKES)
        for stack in stacks
    )


def _library_queue(stack: ThreadStack) -> bool:
    """Return whether the queue is a package's own: what feeds it may be code that shows no thread."""
    inner = takewhile(lambda frame: frame.origin is not Origin.APPLICATION, stack.frames)
    return any(frame.origin is Origin.LIBRARY for frame in inner)


def _all_seen(evidence: Evidence) -> bool:
    """Return whether every thread that the kernel knows has shown its stack: one in C could feed the queue."""
    if not evidence.snapshots or not evidence.snapshots[-1].tasks:
        return False
    return {task.tid for task in evidence.snapshots[-1].tasks} <= set(reading.samples(evidence))
