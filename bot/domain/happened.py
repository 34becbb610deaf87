"""What a round, a person or an inspection did, as timeline events. The same thing twice has the same id twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, Change, Silence
from bot.domain.builtin_rules import WHERE_ASKED
from bot.domain.clues import Fact
from bot.domain.diagnosis import Inspection
from bot.domain.evaluation import Evaluation, State
from bot.domain.invocations import Actor
from bot.domain.observations import Observation
from bot.domain.outside import OutsideEvent
from bot.domain.rule import Rule
from bot.domain.settings import ProbePolicy
from bot.domain.targets import Target
from bot.domain.timeline import EventKind, TimelineEvent

RECORDED = {
    Change.FIRED: EventKind.FIRED,
    Change.REOPENED: EventKind.REOPENED,
    Change.FLAPS: EventKind.REOPENED,
    Change.WORSENED: EventKind.WORSENED,
    Change.RESOLVED: EventKind.RESOLVED,
}
METRICS = (
    "load1", "cores", "cpu_busy_ratio", "psi_cpu_some_avg10", "mem_available_bytes", "mem_total_bytes",
    "psi_memory_full_avg10", "procs_blocked",
)  # fmt: skip
"""What of the machine is kept beside an alert."""


def in_round(
    alert: Alert, change: Change, *, seen: Mapping[str, Fact], now: datetime
) -> tuple[TimelineEvent, ...]:
    """Return what a round did to an alert; nothing where that is no part of a story. `seen`: what the round saw."""
    kind = RECORDED.get(change)
    if kind is None:
        return ()
    facts: dict[str, Fact] = {
        **_known(alert),
        **(seen if kind in (EventKind.FIRED, EventKind.REOPENED) else {}),
    }
    event = TimelineEvent(
        id=_id(alert.id, kind, now), at=now, kind=kind, target=alert.target, alert=alert.id, facts=facts
    )
    if kind is not EventKind.FIRED or alert.since is None:
        return (event,)
    first = TimelineEvent(
        id=_id(alert.id, EventKind.FIRST_BAD, alert.since),
        at=alert.since,
        kind=EventKind.FIRST_BAD,
        target=alert.target,
        alert=alert.id,
        facts=_known(alert),
    )
    return (first, event)


def seen_in_round(
    observation: Observation,
    rule: Rule,
    target: Target,
    checks: Mapping[str, Evaluation],
    probes: ProbePolicy,
) -> dict[str, Fact]:
    """Return what a report will want to know of the round in which an alert fired: what every check said of the target,
    what was read, and the numbers that made it wait.
    """
    told = {
        name: one for name, one in checks.items() if name not in WHERE_ASKED or one.state is not State.UNKNOWN
    }
    found: dict[str, Fact] = {f"check.{name}": one.state.value for name, one in told.items()}
    for name in METRICS:
        value = observation.metrics.get(name)
        if isinstance(value, int | float):
            found[name] = value
    reading = observation.services.get(target.service or "")
    if reading is not None:
        found |= {
            "state": reading.state.value,
            "unit": reading.unit,
            "processes": len(reading.pids),
            "backlog": reading.backlog,
            "cpu_cores": reading.cpu_cores,
        }
    return found | {
        "for_s": rule.for_s,
        "attempts": rule.attempts,
        "interval_s": probes.interval_s,
        "retry_s": probes.retry_s,
    }


def acknowledged(alert: Alert, *, by: Actor, now: datetime) -> TimelineEvent:
    mark = alert.acknowledged
    return TimelineEvent(
        id=f"{_id(alert.id, EventKind.ACKNOWLEDGED, now)}.{by.id}",
        at=now,
        kind=EventKind.ACKNOWLEDGED,
        target=alert.target,
        alert=alert.id,
        by=by.id,
        name=by.name,
        facts={"until": mark.until.isoformat() if mark else None},
    )


def escalated(alert: Alert, *, to: str, after_s: float, now: datetime) -> TimelineEvent:
    """`to`: as the config's step says it."""
    return TimelineEvent(
        id=_id(alert.id, EventKind.ESCALATED, now),
        at=now,
        kind=EventKind.ESCALATED,
        target=alert.target,
        alert=alert.id,
        facts={"to": to, "after_s": after_s},
    )


def _silenced_target(silence: Silence) -> Target | None:
    """Return the one target of a silence; None where it covers several."""
    one = silence.host and not any(character in silence.host for character in "*?[")
    return Target(host=silence.host, service=silence.service) if one else None


def silenced(silence: Silence) -> TimelineEvent:
    return TimelineEvent(
        id=f"evt_{silence.id}",
        at=silence.starts_at,
        kind=EventKind.SILENCED,
        target=_silenced_target(silence),
        by=silence.by,
        name=silence.name,
        facts={"until": silence.ends_at.isoformat(), "reason": silence.reason, "silence": silence.id},
    )


def unsilenced(silence: Silence, *, by: Actor, now: datetime) -> TimelineEvent:
    return TimelineEvent(
        id=f"evt_{silence.id}.ended",
        at=now,
        kind=EventKind.UNSILENCED,
        target=_silenced_target(silence),
        by=by.id,
        name=by.name,
        facts={"silence": silence.id},
    )


def done_outside(
    event: OutsideEvent,
    target: Target,
    *,
    id: str,  # noqa: A002 — the event's
    now: datetime,
    until: datetime | None,
) -> TimelineEvent:
    """`until`: as long as what follows of it is held back."""
    return TimelineEvent(
        id=id,
        at=now,
        kind=EventKind.DEPLOYED,
        target=target,
        name=event.by,
        facts={
            "kind": event.kind,
            "version": event.version,
            "until": until.isoformat() if until else None,
        },
    )


def inspected(inspection: Inspection, *, alert: str, by: str = "", name: str = "") -> TimelineEvent:
    """Return what a look found, when it had; the place is part of the headline, the lines and values around it are not told here."""
    finding = next(iter(inspection.diagnosis.findings), None)
    place = finding.culprit if finding else None
    facts: dict[str, Fact] = {
        "inspection": inspection.id,
        "verdict": inspection.diagnosis.verdict.value,
        "cause": finding.cause.value if finding else "unknown",
        "confidence": finding.confidence if finding else 0.0,
        "file": place.file if place else "",
        "line": place.line if place else 0,
        "function": place.function if place else "",
        "cycle": ", ".join(dict.fromkeys(one.function for one in finding.cycle)) if finding else "",
        "outcome": inspection.outcome.value,
        "pid": inspection.process.pid if inspection.process else None,
        "duration_s": inspection.duration_s,
    }
    return TimelineEvent(
        id=f"evt_{inspection.id}",
        at=inspection.at + timedelta(seconds=inspection.duration_s),
        kind=EventKind.INSPECTED,
        target=inspection.target,
        alert=alert,
        by=by,
        name=name,
        facts=facts,
    )


def _id(alert: str, kind: EventKind, at: datetime) -> str:
    return f"evt_{alert}.{kind.value}.{round(at.timestamp() * 1000)}"


def _known(alert: Alert) -> dict[str, Fact]:
    """Return what the alert itself says, as it was then."""
    reason = alert.reasons[0] if alert.reasons else None
    why = (
        reason.facts.get("why") or reason.facts.get("reason") or reason.facts.get("when") if reason else None
    )
    return {
        "rule": alert.rule,
        "severity": alert.severity.value,
        "code": reason.code if reason else "",
        "why": why,
        "told": alert.told,
        "failures": alert.failures,
        "since": alert.since.isoformat() if alert.since else None,
        "good_at": alert.turned_at.isoformat() if alert.turned_at and alert.resolved_at else None,
        "last_good_at": alert.last_good_at.isoformat() if alert.last_good_at else None,
        "last_answer_ms": alert.last_answer_ms,
    }
