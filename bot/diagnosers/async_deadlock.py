"""Coroutines wait for each other while the loop sleeps. Before Python 3.14 no stack shows a task: a guess, no more."""

from bot.domain import awaits, reading, resting
from bot.domain.awaits import AwaitingTask
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame


def diagnose(evidence: Evidence) -> Finding | None:
    return _in_a_circle(evidence) or _guess(evidence)


def _in_a_circle(evidence: Evidence) -> Finding | None:
    """Tasks that await each other can never go on. Locks are no tasks: a circle over locks is not to be seen here."""
    circle = awaits.circle(evidence.awaiting)
    places = [frame for task in circle if (frame := reading.application(task.frames))]
    if not places:
        return None
    return Finding(
        cause=Cause.ASYNC_DEADLOCK,
        confidence=0.92,
        culprit=reading.place(evidence, places[0]),
        cycle=tuple(reading.place(evidence, frame) for frame in places),
        because=(clue("tasks_in_a_circle", names=", ".join(task.name for task in circle)),),
        suggest=clue("look_at_the_awaits"),
    )


def _guess(evidence: Evidence) -> Finding | None:
    """Guess it of a loop that nothing will wake by itself while clients wait, or while nobody could bring it anything."""
    threads = reading.samples(evidence)
    loops = [
        tid
        for tid, stacks in threads.items()
        if all(resting.is_event_loop(evidence, tid, stack) for stack in stacks)
        and reading.is_parked(evidence, tid)
    ]
    if not loops or _waits_for_others(evidence, loops):
        return None
    waiting, sleeps = resting.unanswered(evidence), all(resting.without_timer(evidence, tid) for tid in loops)
    if not (waiting or (sleeps and resting.is_cut_off(evidence, loops))):
        return None
    because: list[Clue] = []
    if waiting:
        because.append(clue("clients_wait", count=len(waiting), seconds=_longest_s(evidence)))
    if sleeps:
        because.append(clue("no_timer"))
    if not waiting:
        because.append(clue("nobody_to_wake_it"))
    stuck = [frame for task in evidence.awaiting if (frame := _lock_waiter(task))]
    if stuck:
        because.append(clue("tasks_want_locks", count=len(stuck)))
    unseen = () if evidence.awaiting else (clue("tasks_not_seen"),)
    return Finding(
        cause=Cause.ASYNC_DEADLOCK,
        confidence=0.58 if waiting and sleeps else 0.5,
        culprit=reading.place(evidence, stuck[0]) if stuck else None,
        threads=reading.names(threads, loops),
        because=tuple(because),
        against=(*unseen, clue("long_poll_looks_alike" if waiting else "idle_looks_alike")),
        suggest=clue("look_at_the_awaits"),
    )


def _longest_s(evidence: Evidence) -> int:
    return max(one.since_received_ms for one in resting.unanswered(evidence)) // 1000


def _waits_for_others(evidence: Evidence, loops: list[int]) -> bool:
    """Return whether its tasks may as well wait for a peer, a child or a thread of an executor."""
    if evidence.children or resting.unread(evidence):
        return True
    if any(
        one.state in ("ESTABLISHED", "SYN_SENT")
        and one.protocol != "unix"
        and not reading.is_accepted(evidence, one)
        for one in evidence.sockets
    ):
        return True
    return any(
        tid not in loops and reading.application(stacks[-1].frames) is not None
        for tid, stacks in reading.samples(evidence).items()
    )


def _lock_waiter(task: AwaitingTask) -> Frame | None:
    """Return where a task of the application waits for a lock of asyncio; None where it does not."""
    waits = any(
        frame.file.endswith("/asyncio/locks.py") and reading.bare(frame.function) == "acquire"
        for frame in task.frames[:3]
    )
    return reading.application(task.frames) if waits else None
