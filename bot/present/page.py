"""What is told of an alert outside the chat: a page, a webhook's document, a mail."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.alerts import Alert
from bot.domain.messages import Context, Message, Metadata, Paragraph, say
from bot.domain.routes import PageEvent
from bot.present import alert as cards
from bot.present.meanings import meaning


def page(alert: Alert, event: PageEvent, *, now: datetime, zone: ZoneInfo, note: str = "") -> Message:
    """Return a page: `text` is its headline; its metadata say what happened to which alert. `note`: what is said besides."""
    text = cards.line(alert, now=now, zone=zone)
    sections = [Paragraph(line=say(note))] if note else []
    if event is PageEvent.TRIGGER:
        sections.append(Paragraph(line=meaning(alert, None, None)))
    named = " · ".join(filter(None, (alert.incident, alert.rule, alert.id)))
    return Message(
        text=text,
        sections=(*sections, Context(line=say(named))),
        metadata=Metadata(event_type="hangbot_page", payload=_payload(alert, event, now=now)),
    )


def _payload(alert: Alert, event: PageEvent, *, now: datetime) -> dict[str, object]:
    return {
        **cards.metadata(alert, now=now).payload,
        "event": event.value,
        "severity": alert.severity.value,
        "since": alert.since.isoformat() if alert.since else None,
        "subject": alert.subject,
    }


def not_said(message: Message, where: str, reason: str) -> Message:
    """Put in front of a page why the chat does not tell of it."""
    shown = Paragraph(line=say(f"I cannot say this in {where or 'the chat'} ({reason}), so I tell it here."))
    return Message(
        text=message.text, sections=(shown, *message.sections), metadata=message.metadata, tone=message.tone
    )


def not_paged(path: str, reason: str) -> Message:
    """Say in the chat that a page did not go out."""
    how = (
        "`hangbot doctor` says what is missing." if path != "smtp" else "Look at calendar.smtp in the config."
    )
    text = f"Nobody has been paged by {NAMES.get(path, path)} yet: {reason}. I go on trying. {how}"
    return Message(text=text, sections=(Paragraph(line=say(text)),))


NAMES = {"pagerduty": "PagerDuty", "webhook": "the webhook", "smtp": "mail"}
