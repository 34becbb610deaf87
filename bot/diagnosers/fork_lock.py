"""A forked copy waits for a lock that a thread of its parent held at the fork: that thread was not copied, the lock was."""

from bot.domain import holding, reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.lock_waits import LockKind


def diagnose(evidence: Evidence) -> Finding | None:
    parent = evidence.forked_from
    if parent is None or parent.threads < 2:
        return None
    for group in holding.takers(evidence).values():
        first = group[0]
        owned = first.wait.kind is LockKind.RLOCK
        if owned and holding.owner_of(evidence, first.wait) is not None:
            continue
        if not owned and not all(holding.used_as_lock(evidence, one) for one in group):
            continue
        if not owned and (holding.may_be_held(evidence, group) or holding.coroutines_wait(evidence)):
            continue
        return Finding(
            cause=Cause.FORK_LOCK,
            confidence=0.85 if owned else 0.76,
            culprit=reading.place(evidence, first.culprit),
            threads=tuple(reading.name_of(one.stack) for one in group),
            because=(
                clue("forked_while_held", pid=parent.pid, count=parent.threads, lock=holding.shown(first)),
            ),
            suggest=clue("do_not_fork_threads"),
        )
    return None
