"""What the numbers of a database come to, whichever it is: who waits, how full it is, how far it is behind."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.checks import Grade, Said

NEARLY = 0.9
OLD_S, BEHIND_S = 3600.0, 60.0


@dataclass(frozen=True, kw_only=True)
class Load:
    """`most` sessions are taken; `lag_s`: of a standby, how far it is behind its primary."""

    active: float
    sessions: float
    waiting: float
    most: float
    oldest_s: float = 0.0
    lag_s: float = 0.0
    stopped: str = ""
    """What of its replication stands still."""


def graded(load: Load, metrics: Mapping[str, float], *, at_most: float | None) -> Said:
    """Grade it; `at_most` so many may wait for a lock, where that is said."""
    told = f"{load.active:.0f} active of {load.sessions:.0f} sessions, {load.waiting:.0f} wait for a lock"
    if load.stopped:
        return Said(
            grade=Grade.CRITICAL, text=f"{told}; replication stands still ({load.stopped})", metrics=metrics
        )
    if at_most is not None and load.waiting > at_most:
        return Said(grade=Grade.CRITICAL, text=f"{told}: more than {at_most:g}", metrics=metrics)
    if load.sessions >= NEARLY * load.most:
        return Said(grade=Grade.WARNING, text=f"{told}: max_connections is {load.most:.0f}", metrics=metrics)
    if load.lag_s > BEHIND_S:
        return Said(
            grade=Grade.WARNING, text=f"{told}; {load.lag_s:.0f} s behind its primary", metrics=metrics
        )
    if load.oldest_s > OLD_S:
        minutes = load.oldest_s / 60
        return Said(
            grade=Grade.WARNING, text=f"{told}; a transaction is open for {minutes:.0f} min", metrics=metrics
        )
    return Said(grade=Grade.OK, text=told, metrics=metrics)
