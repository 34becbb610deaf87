"""What is remembered of a hang that was seen before: when, how often, where, and what ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.actions import Action, ActionStatus
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.incidents import Incident, covers
from bot.domain.targets import Target

HELPED = (ActionStatus.WATCHED, ActionStatus.HELD, ActionStatus.RELAPSED)
"""An act after which the service was seen to answer."""
WITHOUT_ALERT = timedelta(days=1)
"""How long a hang may have lasted of which no alert tells the end."""
TOGETHER = timedelta(minutes=10)
"""What hangs elsewhere within so much time, with no alert to say more, hangs now."""
CLOCK_SLACK_S = 2.0
"""How far the start of one process may be apart in two looks: it is computed from the host's clock."""


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """One inspection that found a fingerprint. `process` (PID@SECONDS since 1970) tells one run of a program from the next."""

    inspection: str
    target: Target
    at: datetime
    process: str = ""


class EndedBy(StrEnum):
    ACT = "act"  # a restart, say, after which it was seen to answer
    ITSELF = "itself"  # the alert was resolved, and nobody had done anything through the bot
    NOTHING = "nothing"  # an act was done, and did not help


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What came after the last one. `name` is the person's who asked for the act.

    `held_s`: how long it was well until the same was seen on the same target again; None where it was not.
    """

    how: EndedBy
    at: datetime
    verb: str = ""
    action: str = ""
    by: str = ""
    name: str = ""
    held_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A fingerprint's past: `times` counts hangs, not looks at them; `incident` is a key (INC-12), `link` where it stands."""

    fingerprint: str
    times: int
    last: Sighting
    first_at: datetime
    hosts: tuple[str, ...]
    ended: Ending | None = None
    incident: str = ""
    link: str = ""


def earlier(sightings: Sequence[Sighting], now: Sighting, *, alerts: Sequence[Alert]) -> list[Sighting]:
    """Return those of hangs that are over, newest first: neither other looks at this one, nor what hangs elsewhere now."""
    others = [one for one in sightings if one.inspection != now.inspection and one.at <= now.at]
    before = [one for one in others if not _lasts(one, now, alerts)]
    return sorted(before, key=lambda one: (one.at, one.inspection), reverse=True)


def elsewhere(sightings: Sequence[Sighting], now: Sighting, *, alerts: Sequence[Alert]) -> tuple[str, ...]:
    """Return the other hosts on which the same hangs now, by name."""
    others = (one for one in sightings if one.target != now.target and one.at <= now.at)
    return tuple(sorted({one.target.host for one in others if _lasts(one, now, alerts)}))


def remembered(
    fingerprint: str,
    before: Sequence[Sighting],
    now: Sighting,
    *,
    actions: Sequence[Action],
    alerts: Sequence[Alert],
    incidents: Sequence[Incident],
) -> Seen | None:
    """Return what is told of a fingerprint, None where it is new. `before` is newest first; `actions` are those of the
    last one's target, `alerts` at least its host's.
    """
    if not before:
        return None
    last = before[0]
    alert = _alert_of(last, alerts)
    return Seen(
        fingerprint=fingerprint,
        times=_times(before, alerts),
        last=last,
        first_at=before[-1].at,
        hosts=tuple(dict.fromkeys(one.target.host for one in before)),
        ended=_ending(last, now, alert, actions, alerts),
        incident=_incident(last, alert, incidents),
    )


# --- which looks saw the same hang


def _times(before: Sequence[Sighting], alerts: Sequence[Alert]) -> int:
    latest: dict[Target, Sighting] = {}
    times = 0
    for one in reversed(before):
        previous = latest.get(one.target)
        times += previous is None or not _same(previous, one, alerts)
        latest[one.target] = one
    return times


def _lasts(one: Sighting, now: Sighting, alerts: Sequence[Alert]) -> bool:
    """Return whether what was seen then is not over now, as far as anybody knows."""
    if one.target == now.target:
        return _same(one, now, alerts)
    alert = _alert_of(one, alerts)
    if alert is not None:
        return alert.status is not AlertStatus.RESOLVED
    return now.at - one.at <= TOGETHER


def _same(first: Sighting, then: Sighting, alerts: Sequence[Alert]) -> bool:
    """Return whether two looks at one target saw one hang: the process, or another that ran beside it, and no end between."""
    if _is_run(first, then):
        return not _is_over(first, then.at, alerts)
    began = _started_s(then)
    if began is None or began > first.at.timestamp() + CLOCK_SLACK_S:
        return False
    alert = _alert_of(first, alerts)
    if alert is None:
        return then.at - first.at <= WITHOUT_ALERT
    return not _is_over(first, then.at, alerts)


def _is_over(sighting: Sighting, at: datetime, alerts: Sequence[Alert]) -> bool:
    alert = _alert_of(sighting, alerts)
    return alert is not None and alert.resolved_at is not None and alert.resolved_at <= at


def _is_run(one: Sighting, other: Sighting) -> bool:
    began, later = _started_s(one), _started_s(other)
    if began is None or later is None:
        return one.process == other.process != ""
    pids = (one.process.partition("@")[0], other.process.partition("@")[0])
    return pids[0] == pids[1] and abs(began - later) <= CLOCK_SLACK_S


def _started_s(sighting: Sighting) -> float | None:
    try:
        return float(sighting.process.partition("@")[2])
    except ValueError:
        return None


def _alert_of(sighting: Sighting, alerts: Sequence[Alert]) -> Alert | None:
    """Return the alert that stood when a look was taken."""
    for alert in alerts:
        since = alert.since or alert.fired_at
        if alert.target != sighting.target or since is None or since > sighting.at:
            continue
        if alert.status is not AlertStatus.RESOLVED or (alert.resolved_at or since) >= sighting.at:
            return alert
    return None


# --- what became of it


def _ending(
    last: Sighting, now: Sighting, alert: Alert | None, actions: Sequence[Action], alerts: Sequence[Alert]
) -> Ending | None:
    """Return the act that helped; of several the last one. Else the alert's own end, else the act that did not help."""
    over = alert.resolved_at if alert else None
    again = _again(last, now, alerts)
    until = over or again or last.at + WITHOUT_ALERT
    acts = [
        (act.sent_at, act)
        for act in actions
        if act.target == last.target and act.sent_at and last.at <= act.sent_at <= until
    ]
    acts.sort(key=lambda one: (one[0], one[1].id))
    if helped := next((act for _, act in reversed(acts) if act.status in HELPED and act.answered_at), None):
        at = helped.answered_at or until
        fell = helped.fell_at if helped.status is ActionStatus.RELAPSED else None
        return _by_act(helped, EndedBy.ACT, at=at, back_at=fell or again)
    if over is not None and alert is not None:
        held = _seconds(over, again)
        if mended := alert.mended:
            return Ending(
                how=EndedBy.ACT, at=over, verb=mended.verb, by=mended.by, name=mended.name, held_s=held
            )
        return Ending(how=EndedBy.ITSELF, at=over, held_s=held)
    in_vain = next((act for _, act in reversed(acts) if act.status is ActionStatus.NOT_VERIFIED), None)
    return _by_act(in_vain, EndedBy.NOTHING, at=in_vain.ended_at or until) if in_vain else None


def _by_act(act: Action, how: EndedBy, *, at: datetime, back_at: datetime | None = None) -> Ending:
    asked = act.asked
    return Ending(
        how=how,
        at=at,
        verb=act.verb,
        action=act.id,
        by=asked.by,
        name=asked.name,
        held_s=_seconds(at, back_at),
    )


def _again(last: Sighting, now: Sighting, alerts: Sequence[Alert]) -> datetime | None:
    """Return since when the same target hangs again, as far as its alert tells; None where another one does."""
    if now.target != last.target:
        return None
    alert = _alert_of(now, alerts)
    began = alert.since if alert is not None else None
    return began if began and began > last.at else now.at


def _seconds(well_at: datetime, back_at: datetime | None) -> float | None:
    return max(0.0, (back_at - well_at).total_seconds()) if back_at else None


def _incident(last: Sighting, alert: Alert | None, incidents: Sequence[Incident]) -> str:
    if alert and alert.incident:
        return alert.incident
    for one in incidents:
        if alert and alert.id in one.alerts:
            return one.key
        if covers(one, last.target) and one.since <= last.at <= (one.resolved_at or last.at):
            return one.key
    return ""
