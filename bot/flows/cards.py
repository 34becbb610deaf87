"""An alert's card with what the settings know of its target, and the outbox row that carries it."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.alerts import Alert, Severity, Silence, silence_covers
from bot.domain.messages import Message, Notification, Operation
from bot.domain.observations import Observation
from bot.domain.routes import Way
from bot.ports import Services
from bot.present import alert as words

PRIORITY = {Severity.CRITICAL: 1, Severity.WARNING: 3, Severity.INFO: 5}
EDIT_PRIORITY = 6


def way(alert: Alert, services: Services) -> Way:
    """Return where an alert goes, and whose it is."""
    return services.settings.way(alert.target, rule=alert.rule, severity=alert.severity)


def silence_of(
    alert: Alert, silences: Sequence[Silence], services: Services, *, now: datetime
) -> Silence | None:
    """Return the silence that holds an alert back, the one that ends first."""
    labels = services.settings.labels_of(alert.target.host)
    return next((one for one in silences if silence_covers(one, alert, labels=labels, now=now)), None)


def card(
    alert: Alert,
    services: Services,
    *,
    observation: Observation | None,
    silence: Silence | None,
    now: datetime,
) -> Message:
    """Return an alert's card with what the settings know of its target."""
    settings = services.settings
    host = settings.fleet.hosts.get(alert.target.host)
    named = alert.target.service
    spec = settings.fleet.service_on(host, named) if host and named in host.services else None
    oncall = services.oncall(way(alert, services).oncall) if alert.severity is Severity.CRITICAL else ()
    return words.card(
        alert,
        observation=observation,
        service=spec,
        oncall=oncall,
        now=now,
        zone=settings.timezone,
        silence=silence,
    )


def notification(
    alert: Alert, operation: Operation, message: Message, services: Services, *, now: datetime
) -> Notification:
    """Return the outbox row that says something of an alert."""
    return Notification(
        id=services.ids.new("out"),
        subject=alert.subject,
        operation=operation,
        message=message,
        created_at=now,
        channel=way(alert, services).channel if operation is Operation.POST else "",
        priority=EDIT_PRIORITY if operation is Operation.EDIT else PRIORITY[alert.severity],
    )


def edits(
    services: Services, alerts: Sequence[Alert], silences: Sequence[Silence], *, now: datetime
) -> list[Notification]:
    """Return the cards of alerts that stand, as they should stand now."""
    seen = services.store.observations() if any(alert.told for alert in alerts) else {}
    found = []
    for alert in alerts:
        if not alert.told or alert.resolved_at is not None or alert.group:
            continue  # no card of its own, or one that says it is over and stays so unless it comes back
        held = silence_of(alert, silences, services, now=now)
        shown = card(alert, services, observation=seen.get(alert.target.host), silence=held, now=now)
        found.append(notification(alert, Operation.EDIT, shown, services, now=now))
    return found
