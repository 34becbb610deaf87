"""Paging: what wakes people whom the chat does not wake. One row of the outbox for each way of the config."""

from datetime import datetime

from bot.domain.alerts import Alert
from bot.domain.messages import Message, Notification, Operation
from bot.domain.routes import PageEvent, PagePath, place_of
from bot.ports import Services
from bot.present import page as words

PRIORITY = 0


def is_possible(services: Services) -> bool:
    """Return whether the config has a way to page."""
    return bool(services.settings.paging.paths)


def pages(
    alert: Alert, event: PageEvent, services: Services, *, now: datetime, note: str = ""
) -> list[Notification]:
    """Return the rows that tell of an alert (or of its group, as one) by every way to page; `note`: what is said besides."""
    settings = services.settings
    message = words.page(alert, event, now=now, zone=settings.timezone, note=note)
    return [
        row(alert.group or alert.id, path, event, message, id=services.ids.new("out"), now=now)
        for path in settings.paging.paths
    ]


def row(
    key: str,
    path: PagePath,
    event: PageEvent,
    message: Message,
    *,
    id: str,  # noqa: A002 — the row's
    now: datetime,
) -> Notification:
    """Return the row that pages by one way; of what follows the first, only the newest is sent."""
    return Notification(
        id=id,
        subject=f"{place_of(path)}:{key}",
        operation=Operation.POST if event is PageEvent.TRIGGER else Operation.EDIT,
        message=message,
        created_at=now,
        channel=place_of(path),
        priority=PRIORITY,
    )
