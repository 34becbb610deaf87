"""What is remembered of a hang that was seen before: when, how often, where, and what ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.actions import Action, ActionStatus
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.incidents import Incident, covers
from bot.domain.targets import Target

SENT = (ActionStatus.WATCHED, ActionStatus.HELD, ActionStatus.RELAPSED)
"""An act of which the service's answer was seen."""
WITHOUT_ALERT = timedelta(days=1)
"""How long after a look an act may still be what ended the hang, where no alert says when that was."""


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """One earlier inspection with the same fingerprint. `process` tells one run of a program from the next."""

    inspection: str
    target: Target
    at: datetime
    process: str = ""


class EndedBy(StrEnum):
    ACT = "act"  # a restart, say, after which it was seen to answer
    ITSELF = "itself"  # the alert was resolved, and nobody had done anything through the bot


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What ended the last one. `name` is the person's who asked for the act, `lasted` whether it held (None: not over)."""

    how: EndedBy
    at: datetime
    verb: str = ""
    action: str = ""
    by: str = ""
    name: str = ""
    lasted: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A fingerprint's past: `times` counts processes that hung so, not looks at them; `incident` is a key (INC-12)."""

    fingerprint: str
    times: int
    last: Sighting
    first_at: datetime
    hosts: tuple[str, ...]
    ended: Ending | None = None
    incident: str = ""


def earlier(sightings: Sequence[Sighting], now: Sighting) -> list[Sighting]:
    """Return those of other processes, newest first: a second look at the same one is no second time."""
    others = [one for one in sightings if one.inspection != now.inspection and _run(one) != _run(now)]
    return sorted((one for one in others if one.at <= now.at), key=lambda one: one.at, reverse=True)


def remembered(
    fingerprint: str,
    before: Sequence[Sighting],
    *,
    actions: Sequence[Action],
    alerts: Sequence[Alert],
    incidents: Sequence[Incident],
) -> Seen | None:
    """Return what is told of a fingerprint, None where it is new. `before` is newest first; `actions` and `alerts` are
    those of the last one's target.
    """
    if not before:
        return None
    last = before[0]
    alert = next((one for one in alerts if _is_of(one, last)), None)
    return Seen(
        fingerprint=fingerprint,
        times=len({_run(one) for one in before}),
        last=last,
        first_at=before[-1].at,
        hosts=tuple(dict.fromkeys(one.target.host for one in before)),
        ended=_ending(last, alert, actions),
        incident=_incident(last, alert, incidents),
    )


def _run(sighting: Sighting) -> tuple[str, str]:
    return sighting.target.host, sighting.process or sighting.inspection


def _is_of(alert: Alert, sighting: Sighting) -> bool:
    """Return whether a look was taken while this alert stood."""
    since = alert.since or alert.fired_at
    if alert.target != sighting.target or since is None or since > sighting.at:
        return False
    return alert.status is not AlertStatus.RESOLVED or (alert.resolved_at or since) >= sighting.at


def _ending(last: Sighting, alert: Alert | None, actions: Sequence[Action]) -> Ending | None:
    over = alert.resolved_at if alert else None
    until = over or last.at + WITHOUT_ALERT
    for act in sorted(actions, key=lambda one: one.sent_at or one.asked.at):
        sent = act.sent_at
        if (
            act.target != last.target
            or act.status not in SENT
            or sent is None
            or not last.at <= sent <= until
        ):
            continue
        lasted = None if act.status is ActionStatus.WATCHED else act.status is ActionStatus.HELD
        asked = act.asked
        return Ending(
            how=EndedBy.ACT, at=act.answered_at or sent, verb=act.verb, action=act.id, by=asked.by, name=asked.name,
            lasted=lasted,
        )  # fmt: skip
    if over is None:
        return None
    if alert and (mended := alert.mended):
        return Ending(how=EndedBy.ACT, at=over, verb=mended.verb, by=mended.by, name=mended.name, lasted=True)
    return Ending(how=EndedBy.ITSELF, at=over)


def _incident(last: Sighting, alert: Alert | None, incidents: Sequence[Incident]) -> str:
    if alert and alert.incident:
        return alert.incident
    for one in incidents:
        if alert and alert.id in one.alerts:
            return one.key
        if covers(one, last.target) and one.since <= last.at <= (one.resolved_at or last.at):
            return one.key
    return ""
