"""What must report by itself, such as a nightly backup: when it is overdue, and when it says that it failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alerts import Severity
from bot.domain.clues import clue
from bot.domain.evaluation import Evaluation, State
from bot.domain.rule import Rule
from bot.domain.targets import Target

RULE = Rule(
    name="heartbeat_missed",
    severity=Severity.WARNING,
    attempts=2,
    passes=1,
    why="A job that does not run writes no log: only its silence tells. `grace` is how long it may take beyond its rhythm. "
    "Looked at twice: a clock that was just set on makes everything overdue for a moment.",
)
ELSEWHERE = "cron"
"""The host of a heartbeat that names none."""


@dataclass(frozen=True, kw_only=True)
class HeartbeatSpec:
    """A job that reports at least every `every_s` seconds, or `grace_s` later."""

    name: str
    every_s: float
    grace_s: float
    host: str = ELSEWHERE
    severity: Severity = Severity.WARNING

    @property
    def target(self) -> Target:
        return Target(host=self.host, service=self.name)


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """What is known of one: when it last reported, and whether it said that all went well. `at` of one that never did is when
    it was first known.
    """

    name: str
    at: datetime
    reported: bool = False
    well: bool = True


def judge(spec: HeartbeatSpec, beat: Heartbeat, *, now: datetime) -> Evaluation:
    """Return whether a job is overdue, or has failed: then it has said so itself, and nothing is waited for."""
    late = now - beat.at > timedelta(seconds=spec.every_s + spec.grace_s)
    code = "heartbeat_missed" if late or beat.well else "heartbeat_failed"
    facts = clue(
        code, at=beat.at.isoformat(), reported=beat.reported, every_s=spec.every_s, grace_s=spec.grace_s
    )
    bad = late or not beat.well
    return Evaluation(
        state=State.BAD if bad else State.GOOD,
        at=now,
        reasons=(facts,),
        severity=spec.severity,
        at_once=code == "heartbeat_failed",
    )
