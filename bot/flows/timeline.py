"""An incident's timeline as it is stored, and what must be written with an event so that the incident's message stays true."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alerts import Alert
from bot.domain.incidents import Incident, covers, joined
from bot.domain.messages import Message, Notification, Operation
from bot.domain.targets import Target
from bot.domain.timeline import AFTERCARE, Entry, TimelineEvent, belongs, entries
from bot.ports import Services
from bot.present import incident as words

RECENT = 30
CARED_FOR = timedelta(days=1)
"""How long the message of a resolved incident still follows what happens to its alerts."""
PRIORITY = 5


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What a commit must hold besides its events: the incidents they belong to, and those incidents' messages.

    The incidents are written so that two who change the same message at once cannot both be right: one has a Conflict.
    """

    incidents: tuple[Incident, ...] = ()
    notifications: tuple[Notification, ...] = ()


def read(incident: Incident, services: Services, *, new: Sequence[TimelineEvent] = ()) -> tuple[Entry, ...]:
    """Return an incident's timeline, with `new` events that are about to be written."""
    hosts = [Target(host=host) for host in dict.fromkeys(target.host for target in incident.targets)]
    until = incident.resolved_at + AFTERCARE if incident.resolved_at else None
    stored = services.store.events(since=incident.since, until=until, targets=hosts, incident=incident.id)
    return entries((*stored, *new), incident)


def alerts_of(incident: Incident, services: Services, *, changed: Sequence[Alert] = ()) -> tuple[Alert, ...]:
    """Return the incident's alerts, with those that are about to be written as they will stand."""
    fresh = {alert.id: alert for alert in changed}
    found = (fresh.get(one) or services.store.alert(one) for one in incident.alerts)
    return tuple(alert for alert in found if alert is not None)


def touched(
    services: Services, events: Sequence[TimelineEvent], *, alerts: Sequence[Alert] = (), now: datetime
) -> Touched:
    """Return what must be committed with `events` and the changed `alerts`: of the incidents they belong to.

    An alert that names an incident by its key becomes one of it. The caller does it all again after a Conflict.
    """
    if not events and not any(alert.incident for alert in alerts):
        return Touched()
    incidents, notifications = [], []
    for incident in _followed(services, now=now):
        mine = [alert for alert in alerts if incident.key == alert.incident]
        after = joined(incident, mine) if incident.open else incident
        if not mine and not any(belongs(event, after) for event in events):
            continue
        after = replace(after, updated_at=now)
        incidents.append(after)
        notifications.append(edit(after, services, events=events, alerts=alerts, now=now))
    return Touched(incidents=tuple(incidents), notifications=tuple(notifications))


def _followed(services: Services, *, now: datetime) -> list[Incident]:
    """Return the incidents whose messages are kept up to date: the open ones, and those that ended lately."""
    opened = services.store.incidents(unresolved=True)
    ended = [
        one
        for one in services.store.incidents(limit=RECENT)
        if one.resolved_at is not None and now - one.resolved_at <= CARED_FOR
    ]
    return [*opened, *ended]


def covering(alert: Alert, services: Services) -> str:
    """Return the key of the open incident that an alert belongs to: its own, else the newest of its target, else none."""
    opened = services.store.incidents(unresolved=True)
    own = [one.key for one in opened if one.key == alert.incident]
    return next(iter([*own, *(one.key for one in opened if covers(one, alert.target))]), "")


# --- the message


def edit(
    incident: Incident,
    services: Services,
    *,
    events: Sequence[TimelineEvent] = (),
    alerts: Sequence[Alert] = (),
    now: datetime,
) -> Notification:
    """Return the outbox row that brings an incident's message up to date."""
    shown = shown_as(incident, services, events=events, alerts=alerts, now=now)
    return row(incident, Operation.EDIT, shown, services, now=now)


def shown_as(
    incident: Incident,
    services: Services,
    *,
    events: Sequence[TimelineEvent] = (),
    alerts: Sequence[Alert] = (),
    now: datetime,
) -> Message:
    return words.card(
        incident,
        alerts=alerts_of(incident, services, changed=alerts),
        entries=read(incident, services, new=events),
        now=now,
        zone=services.settings.timezone,
    )


def row(
    incident: Incident, operation: Operation, message: Message, services: Services, *, now: datetime
) -> Notification:
    """Return the outbox row that says something of an incident."""
    return Notification(
        id=services.ids.new("out"),
        subject=incident.subject,
        operation=operation,
        message=message,
        created_at=now,
        channel=incident.channel if operation is Operation.POST else "",
        priority=6 if operation is Operation.EDIT else PRIORITY,
    )
