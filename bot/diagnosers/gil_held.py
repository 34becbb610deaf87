"""Native code keeps the interpreter lock while it sleeps; the other threads wait for it."""

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence

WAITING_SWITCHES = 40
"""In half a second: who waits for the lock wakes every 5 ms to ask for it."""


def diagnose(evidence: Evidence) -> Finding | None:
    threads, shares = reading.samples(evidence), reading.cpu_shares(evidence)
    for tid, stacks in threads.items():
        if (
            len(stacks) < 3
            or not all(stack.owns_gil for stack in stacks)
            or shares.get(tid, 1.0) >= reading.HOT_MEMBER
        ):
            continue
        frame = reading.application(stacks[-1].frames)
        if frame is None or not reading.is_parked(evidence, tid):
            continue
        victims = [other for other in threads if other != tid and _asks(evidence, other)]
        if not victims:
            continue
        return Finding(
            cause=Cause.GIL_HELD,
            confidence=0.9,
            culprit=reading.place(evidence, frame),
            threads=reading.names(threads, [tid]),
            because=(clue("keeps_the_lock", samples=len(stacks)), clue("others_ask", count=len(victims))),
            suggest=clue("release_the_lock"),
        )
    return None


def _asks(evidence: Evidence, tid: int) -> bool:
    seen = reading.tasks(evidence, tid)
    if len(seen) < 2 or seen[0].voluntary_switches is None or seen[1].voluntary_switches is None:
        return False
    return seen[1].voluntary_switches - seen[0].voluntary_switches >= WAITING_SWITCHES
