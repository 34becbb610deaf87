"""What is said to somebody who acknowledges, silences, or ends a silence."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.alerts import Acknowledgement, Alert, Silence, Worth
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


def acknowledged_all(count: int, mark: Acknowledgement, *, now: datetime, zone: ZoneInfo) -> Message:
    """Say that somebody looks after all of a group."""
    what = "it" if count == 1 else f"all {count}"
    shown = say(
        Mention(id=mark.by, name=mark.name),
        f" looks after {what} until ",
        moment(mark.until, now=now, zone=zone),
        ".",
    )
    text = f"{mark.name} looks after {what} until {clock(mark.until, now=now, zone=zone)}."
    return _message(text, shown)


def worth_noted(what: str, worth: Worth, rule: str) -> Message:
    """Say what is known now of the worth of an alert, or of many."""
    text = f"Noted: {what} was {worth}. /hang alerts precision says how often {rule} was."
    return _message(
        text,
        say(
            "Noted: ",
            bold(what),
            f" was {worth}. ",
            code("/hang alerts precision"),
            f" says how often {rule} was.",
        ),
    )


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
    """Return what a silence covers: `shop on web1`, `shop everywhere`, `all that has team=pay`."""
    labels = " and ".join(f"{key}={value}" for key, value in silence.labels.items())
    hosts = silence.host or (f"all that has {labels}" if labels else "")
    hosts += f" with {labels}" if silence.host and labels else ""
    what = " of ".join(filter(None, (silence.rule, silence.service)))
    if what:
        return f"{what} on {hosts}" if hosts else f"{what} everywhere"
    if not hosts:
        return "everything"
    many = any(character in silence.host for character in "*?[") or labels
    return hosts if many else f"{hosts} and all its services"


def _message(text: str, shown: Line, *, note: Line = (), tone: Tone = Tone.PLAIN) -> Message:
    sections = (Paragraph(line=shown), Context(line=note)) if note else (Paragraph(line=shown),)
    return Message(text=text, tone=tone, sections=sections)
