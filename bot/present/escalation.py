"""What is said when nobody comes: in an alert's thread, in a page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.alerts import Alert
from bot.domain.messages import Line, Mention, Message, Paragraph, bold, flat, say
from bot.domain.reviews import Person
from bot.domain.routes import Step
from bot.present.alert import mentions, metadata
from bot.present.alert_words import moment, span, trouble


def escalated(
    alert: Alert, step: Step, *, whom: Sequence[str], paged: bool, now: datetime, zone: ZoneInfo
) -> Message:
    """Return what is said at a step of an escalation; `whom` are the ids that it mentions."""
    since = say(", since ", moment(alert.since, now=now, zone=zone)) if alert.since else ()
    shown = (
        *say(f"{unacknowledged(step.after_s)} ", bold(str(alert.target)), f" is {trouble(alert).state}"),
        *since,
        *say(
            ". Paged."
            if paged
            else "."
            if whom
            else ". There is no way to page in the config: see `hangbot doctor`."
        ),
    )
    return _said(alert, shown, whom, now=now)


def unacknowledged(seconds: float) -> str:
    return f"Nobody has acknowledged for {span(timedelta(seconds=seconds))}."


def resting(
    alert: Alert, people: Sequence[tuple[Person, datetime]], *, paged: bool, now: datetime, zone: ZoneInfo
) -> Message:
    """Return what is said where those on call are in Do Not Disturb, each until a moment."""
    shown: Line = ()
    for at, (person, until) in enumerate(people):
        name = Mention(id=person.id, name=person.name)
        shown += say(
            ", " if at else "", name, " is in Do Not Disturb until ", moment(until, now=now, zone=zone)
        )
    shown += say(": paged." if paged else ": nobody else is told, since the config has no way to page.")
    return _said(alert, shown, (), now=now)


def settled(alert: Alert, *, now: datetime) -> Message:
    """Return what is said where something that came and went has stayed well."""
    count = len(alert.relapses)
    well = span(now - (alert.resolved_at or now))
    shown = say(
        bold(str(alert.target)), f" {trouble(alert).end}, and has for {well}. It came back {count} times."
    )
    return _said(alert, shown, (), now=now)


def _said(alert: Alert, shown: Line, whom: Sequence[str], *, now: datetime) -> Message:
    return Message(
        text=" ".join([flat(shown), *(f"@{person}" for person in whom)]),
        sections=(Paragraph(line=(*shown, *mentions(whom, before=" "))),),
        metadata=metadata(alert, now=now),
    )
