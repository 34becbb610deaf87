"""Coroutines wait for each other while the loop sleeps. Before Python 3.14 no stack shows a task: a guess, no more."""

from bot.domain import reading, resting
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence


def diagnose(evidence: Evidence) -> Finding | None:
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
    if not (waiting or (sleeps and _cut_off(evidence, loops))):
        return None
    because: list[Clue] = []
    if waiting:
        because.append(clue("clients_wait", count=len(waiting), seconds=_longest_s(evidence)))
    if sleeps:
        because.append(clue("no_timer"))
    if not waiting:
        because.append(clue("nobody_to_wake_it"))
    return Finding(
        cause=Cause.ASYNC_DEADLOCK,
        confidence=0.58 if waiting and sleeps else 0.5,
        threads=reading.names(threads, loops),
        because=tuple(because),
        against=(clue("tasks_not_seen"), clue("long_poll_looks_alike" if waiting else "idle_looks_alike")),
        suggest=clue("look_at_the_awaits"),
    )


def _longest_s(evidence: Evidence) -> int:
    return max(one.since_received_ms for one in resting.unanswered(evidence)) // 1000


def _cut_off(evidence: Evidence, loops: list[int]) -> bool:
    """Return whether nothing from outside could wake the loop: no thread, child, connection, pipe or watch."""
    watched = any(
        "inotify" in one.path or (one.path.startswith("pipe:") and one.fd > 2) for one in evidence.files
    )
    return (
        len(reading.samples(evidence)) == len(loops)
        and not watched
        and not any(one.protocol != "unix" or one.state == "LISTEN" for one in evidence.sockets)
    )


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
