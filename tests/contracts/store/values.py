"""What the contract suite stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.audit import AuditEntry
from bot.domain.clues import clue
from bot.domain.jobs import Job, JobKind
from bot.domain.messages import Button, Buttons, Menu, Message, Notification, Operation, When, bold, say
from bot.domain.targets import Target
from bot.ports import Store

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)


def an_alert(number: int = 1, **changes: object) -> Alert:
    alert = Alert(
        id=f"alr_{number}",
        rule="service_silent",
        target=Target(host="web1", service="shop"),
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        since=NOW,
        reasons=(clue("http_timeout", seconds=3.0),),
        updated_at=NOW,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]


def a_message(text: str = "shop on web1 does not answer") -> Message:
    menu = Menu(action="silence", label="Silence", options=(("30 m", "30m|alr_1"),))
    button = Button(action="ack", label="Acknowledge", value="alr_1")
    when = When(at=NOW, fallback="04:00")
    return Message(
        text=text, title=say(bold("shop"), " since ", when), sections=(Buttons(buttons=(button, menu)),)
    )


def a_notification(
    number: int, *, subject: str = "alert:alr_1", operation: Operation = Operation.POST
) -> Notification:
    return Notification(
        id=f"out_{number}",
        subject=subject,
        operation=operation,
        message=a_message(f"message {number}"),
        created_at=NOW,
        channel="#ops",
    )


def a_job(number: int, *, key: str = "inspect:web1/shop") -> Job:
    return Job(
        id=f"job_{number}",
        kind=JobKind.INSPECT,
        key=key,
        payload={"host": "web1"},
        created_at=NOW,
        due_at=NOW,
    )


def claim(store: Store, now: datetime = NOW) -> list[str]:
    claimed = store.claim_notifications(now=now, worker="w1", lease_s=60)
    return [entry.notification.id for entry in claimed]


def an_entry(number: int = 1) -> AuditEntry:
    return AuditEntry(
        id=f"aud_{number}", at=NOW, actor="U1", verb="ack", target="shop on web1", outcome="done"
    )
