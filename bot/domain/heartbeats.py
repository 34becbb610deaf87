"""What must report by itself, such as a nightly backup: when it is overdue, and when it says that it failed.

Around the time at which a report is due it is noted that somebody listens. Where nobody did, because the bot was stopped, asleep or
without its database, the report may have come in vain: its absence is a warning then, whatever its severity, until the next one is overdue too.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.advance import ORDER
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
DEAF = timedelta(seconds=45)
"""For how long nobody may have listened; the listeners look every 15 s."""
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
    heard_at: datetime | None = None
    """When somebody last listened for the report that is due."""
    unheard: tuple[datetime, datetime] | None = None
    """The longest time, while it was due, in which nobody did."""


def listened(spec: HeartbeatSpec, beat: Heartbeat, *, now: datetime) -> Heartbeat:
    """Return what is known of a job now that somebody listens. What lies ahead of `now` is of a clock that was set."""
    due, grace = beat.at + timedelta(seconds=spec.every_s), timedelta(seconds=spec.grace_s)
    opens, closes = max(beat.at, due - grace), due + grace
    since, until = beat.heard_at or opens, min(now, closes)
    known = beat.unheard if beat.unheard and beat.unheard[1] <= now else None
    if now < opens or since >= until:
        return beat if known is beat.unheard else replace(beat, unheard=None)
    length = known[1] - known[0] if known else DEAF
    return replace(beat, heard_at=until, unheard=(since, until) if until - since > length else known)


def shifted(beat: Heartbeat, by: timedelta) -> Heartbeat:
    """Return it after the wall clock was set by so much."""
    return replace(
        beat,
        at=beat.at + by,
        heard_at=beat.heard_at + by if beat.heard_at else None,
        unheard=(beat.unheard[0] + by, beat.unheard[1] + by) if beat.unheard else None,
    )


def judge(spec: HeartbeatSpec, beat: Heartbeat, *, now: datetime) -> Evaluation:
    """Return whether a job is overdue, or has failed: then it has said so itself, and nothing is waited for."""
    age, grace = now - beat.at, timedelta(seconds=spec.grace_s)
    late = age > timedelta(seconds=spec.every_s) + grace
    code = "heartbeat_missed" if late or beat.well else "heartbeat_failed"
    unheard = beat.unheard if age <= timedelta(seconds=2 * spec.every_s) + grace else None
    since, until = (one.isoformat() for one in unheard) if unheard else (None, None)
    facts = clue(
        code,
        at=beat.at.isoformat(),
        reported=beat.reported,
        every_s=spec.every_s,
        grace_s=spec.grace_s,
        unheard_since=since,
        unheard_until=until,
    )
    bad = late or not beat.well
    return Evaluation(
        state=State.BAD if bad else State.GOOD,
        at=now,
        reasons=(facts,),
        severity=min(spec.severity, Severity.WARNING, key=ORDER.index) if late and unheard else spec.severity,
        at_once=code == "heartbeat_failed",
    )
