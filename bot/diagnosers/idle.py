"""Not hung: it waits for work, or sleeps on purpose."""

from bot.domain import reading, resting, standing
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence, Snapshot

SURE_ENOUGH = 0.6
EVENTS = (
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "accept",
    "accept4",
    "poll",
    "ppoll",
    "select",
    "pselect6",
)
RESTS = (
    "futex",
    "rt_sigtimedwait",
    "rt_sigsuspend",
    "pause",
    "clock_nanosleep",
    "nanosleep",
    "io_uring_enter",
    "wait4",
)
"""Where a native program waits for what comes in, and where its other threads wait meanwhile."""


def idle(evidence: Evidence) -> Finding | None:
    """All its threads stand where a program waits for work, and one of them waits for a connection or an event."""
    if reading.is_native(evidence):
        return _native(evidence)
    kinds = standing.kinds_of(evidence)
    if kinds is None or not kinds or "stuck" in kinds.values():
        return None
    left = len(resting.unanswered(evidence))
    listening = [tid for tid, kind in kinds.items() if kind == "listens"]
    listens = len(listening)
    forgotten = _is_forgotten(evidence, listening)
    queued = sum(kind == "queue" for kind in kinds.values())
    if (
        {"sleeps", "rests", "joins"} & set(kinds.values())
        and evidence.children
        and standing.has_listener(evidence)
    ):
        listens = 1  # it looks after workers, who take what comes in
    threads = reading.samples(evidence)
    if left or forgotten:
        confidence = 0.5
    elif listens:
        confidence = 0.75 if not queued else 0.65
    elif "rests" in kinds.values() and not {"queue", "sleeps"} & set(kinds.values()):
        confidence = 0.65
    elif {"queue", "sleeps", "rests"} & set(kinds.values()):
        confidence = 0.5
    else:
        return None
    against = () if confidence >= SURE_ENOUGH else (clue("idle_looks_alike"),)
    if left:
        against = (clue("clients_wait", count=left, seconds=_longest_s(evidence)),)
    return Finding(
        cause=Cause.IDLE,
        confidence=confidence,
        threads=reading.names(threads, kinds),
        because=(clue("all_wait_for_work", count=len(kinds)),),
        against=against,
        suggest=clue("ask_what_should_come"),
    )


def _is_forgotten(evidence: Evidence, loops: list[int]) -> bool:
    """Return whether it waits in event loops alone that have no alarm set, and that nothing from outside could wake."""
    threads = reading.samples(evidence)
    alone = all(
        resting.is_event_loop(evidence, tid, threads[tid][-1]) and resting.without_timer(evidence, tid)
        for tid in loops
    )
    return bool(loops) and alone and resting.is_cut_off(evidence, loops)


def _native(evidence: Evidence) -> Finding | None:
    """Say so of a native server whose threads all sleep where events and work come in, with no client that waits."""
    calls = {tid: reading.parked_in(evidence, tid) for task in evidence.snapshots[-1:] for tid in _tids(task)}
    names = {call.name if call else "" for call in calls.values()}
    quiet = all(share < reading.HOT_MEMBER for share in reading.cpu_shares(evidence).values())
    if (
        not names
        or not quiet
        or evidence.mutexes
        or not names <= {*EVENTS, *RESTS}
        or not names & set(EVENTS)
    ):
        return None
    if not standing.has_listener(evidence) or resting.unanswered(evidence) or resting.awaited(evidence):
        return None
    return Finding(
        cause=Cause.IDLE,
        confidence=0.65,
        because=(clue("all_wait_for_work", count=len(calls)),),
        suggest=clue("ask_what_should_come"),
    )


def _tids(snapshot: Snapshot) -> list[int]:
    return [task.tid for task in snapshot.tasks]


def _longest_s(evidence: Evidence) -> int:
    return max(one.since_received_ms for one in resting.unanswered(evidence)) // 1000
