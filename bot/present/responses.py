"""What is said to somebody who acknowledges, silences, or ends a silence."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.alerts import Acknowledgement, Alert, Silence
from bot.domain.messages import Context, Line, Mention, Message, Paragraph, Tone, bold, code, say
from bot.present.alert_words import clock, moment, span


def acknowledged(alert: Alert, mark: Acknowledgement, *, now: datetime, zone: ZoneInfo) -> Message:
    """Say who looks after an alert now."""
    until = clock(mark.until, now=now, zone=zone)
    shown = say(
        Mention(id=mark.by, name=mark.name),
        " looks after ",
        bold(str(alert.target)),
        " until ",
        moment(mark.until, now=now, zone=zone),
        ".",
    )
    text = f"{mark.name} looks after {alert.target} until {until}."
    return _message(text, shown, tone=Tone.ACKNOWLEDGED)


def already_acknowledged(alert: Alert, mark: Acknowledgement, *, now: datetime, zone: ZoneInfo) -> Message:
    """Say that somebody else looks after it already; nothing changed."""
    at, until = (clock(moment_, now=now, zone=zone) for moment_ in (mark.at, mark.until))
    shown = say(
        Mention(id=mark.by, name=mark.name),
        " acknowledged ",
        bold(str(alert.target)),
        " at ",
        moment(mark.at, now=now, zone=zone),
        " already, until ",
        moment(mark.until, now=now, zone=zone),
        ".",
    )
    text = f"{mark.name} acknowledged {alert.target} at {at} already, until {until}."
    return _message(text, shown, tone=Tone.ACKNOWLEDGED)


def silenced(silence: Silence, *, now: datetime, zone: ZoneInfo) -> Message:
    """Say what is held back, for how long, and how to end it."""
    what, length = covered(silence), span(silence.ends_at - silence.starts_at)
    because = f" Reason: {silence.reason}." if silence.reason else ""
    shown = say(
        Mention(id=silence.by, name=silence.name),
        " silenced ",
        bold(what),
        f" for {length}, until ",
        moment(silence.ends_at, now=now, zone=zone),
        f".{because} I go on judging, and tell what is left of it then.",
    )
    until = clock(silence.ends_at, now=now, zone=zone)
    text = f"{silence.name} silenced {what} for {length}, until {until}.{because}"
    return _message(text, shown, note=say("To end it: ", code(f"/hang unsilence {silence.id}")))


def unsilenced(silence: Silence, *, by: str, name: str) -> Message:
    what = covered(silence)
    shown = say(Mention(id=by, name=name), " ended the silence of ", bold(what), ".")
    return _message(f"{name} ended the silence of {what}.", shown)


def covered(silence: Silence) -> str:
    return (
        f"{silence.service} on {silence.host}" if silence.service else f"{silence.host} and all its services"
    )


def _message(text: str, shown: Line, *, note: Line = (), tone: Tone = Tone.PLAIN) -> Message:
    sections = (Paragraph(line=shown), Context(line=note)) if note else (Paragraph(line=shown),)
    return Message(text=text, tone=tone, sections=sections)
