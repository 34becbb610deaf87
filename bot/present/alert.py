"""An alert's card and its thread: the root message that is edited for its whole life, and the few replies."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.alerts import (
    Alert,
    AlertStatus,
    Change,
    Severity,
    Silence,
    Worth,
    is_acknowledged,
    shown_status,
)
from bot.domain.messages import (
    Button,
    Buttons,
    Context,
    FieldRow,
    Line,
    Link,
    Mention,
    Menu,
    Message,
    Metadata,
    Paragraph,
    Section,
    Text,
    Tone,
    bold,
    say,
)
from bot.domain.observations import Observation
from bot.domain.targets import ServiceSpec
from bot.present.alert_words import Trouble, clock, moment, span, stuck, stuck_in_short, trouble
from bot.present.meanings import meaning

TONES = {Severity.CRITICAL: Tone.CRITICAL, Severity.WARNING: Tone.WARNING, Severity.INFO: Tone.PLAIN}
BLIND = ("unreachable", "timeout", "error")
DONE = {"restart": "restarted"}
WORTHS = {Worth.NOISE: "It was noise", Worth.REAL: "It was real"}
SILENCES = (("30 m", "30m"), ("2 h", "2h"), ("8 h", "8h"), ("Until tomorrow 9:00", "tomorrow"))


def card(
    alert: Alert,
    *,
    observation: Observation | None,
    service: ServiceSpec | None,
    oncall: Sequence[str],
    now: datetime,
    zone: ZoneInfo,
    silence: Silence | None = None,
) -> Message:
    """Return the alert's message as it should stand now.

    `observation` is the host's newest one, if any; `oncall` are the ids that this message may mention;
    `silence` is the one in force.
    """
    return Message(
        text=line(alert, oncall=oncall, now=now, zone=zone),
        title=_title(alert),
        tone=_tone(alert, now=now),
        sections=_sections(alert, observation, service, oncall, silence, now=now, zone=zone),
        metadata=metadata(alert, now=now),
    )


def metadata(alert: Alert, *, now: datetime) -> Metadata:
    payload = {
        "id": alert.id,
        "status": shown_status(alert, now=now),
        "alert": alert.rule,
        "host": alert.target.host,
        "service": alert.target.service,
    }
    return Metadata(event_type="hangbot_alert", payload=payload)


def line(alert: Alert, *, oncall: Sequence[str] = (), now: datetime, zone: ZoneInfo) -> str:
    """Return all of it in one line, for a lock screen: `CRITICAL shop on web1 silent since 03:58, unit active. @ana`."""
    words, who = trouble(alert), alert.target
    if alert.status is AlertStatus.RESOLVED:
        return f"RESOLVED {who} {words.end}, {words.was} for {_lasted(alert, now=now, zone=zone)}."
    since = f"since {clock(alert.since, now=now, zone=zone)}" if alert.since else ""
    if alert.status is AlertStatus.RECOVERING:
        return f"{alert.severity.upper()} {who} {words.end}, watching it; {words.state} {since}."
    facts = [f"{alert.severity.upper()} {who} {words.state} {since}".rstrip()]
    unit = alert.reasons[0].facts.get("unit") if alert.reasons else None
    facts += [f"unit {unit}"] if unit else []
    facts += filter(None, [stuck_in_short(alert.culprit)])
    mark = alert.acknowledged
    if mark is not None and is_acknowledged(alert, now=now):
        return f"{', '.join(facts)}. Acknowledged by {mark.name}."
    return " ".join([f"{', '.join(facts)}.", *(f"@{person}" for person in oncall)])


def brief(alert: Alert, *, now: datetime, zone: ZoneInfo) -> Line:
    """Return an alert in a line of a list: what, since when, where it is stuck, who looks after it."""
    words, mark = trouble(alert), alert.acknowledged
    recovers = alert.status is AlertStatus.RECOVERING
    state = f"{words.end}, watching it; {words.state}" if recovers else words.state
    since = say(" since ", moment(alert.since, now=now, zone=zone)) if alert.since else ()
    stuck_at = stuck_in_short(alert.culprit)
    seen = mark is not None and is_acknowledged(alert, now=now)
    return (
        *say(f"{alert.severity.upper()} ", bold(str(alert.target)), f" {state}"),
        *since,
        *say(f", {stuck_at}" if stuck_at else "", f", acknowledged by {mark.name}" if mark and seen else ""),
    )


def reply(
    alert: Alert,
    change: Change,
    *,
    before: Alert | None,
    oncall: Sequence[str],
    now: datetime,
    zone: ZoneInfo,
) -> Message:
    """Return what is said in the alert's thread when it rises, comes back, ends, or is told late (any other change)."""
    words, who = trouble(alert), str(alert.target)
    since = say(", since ", moment(alert.since, now=now, zone=zone)) if alert.since else ()
    shown: Line
    if change is Change.RESOLVED:
        lasted = _lasted(alert, now=now, zone=zone)
        shown = say(bold(who), f" {words.end}. It was {words.was} for {lasted}.")
    elif change is Change.FLAPS:
        count = len(alert.relapses)
        shown = (
            *say(bold(who), f" is {words.state} again"),
            *since,
            *say(
                f". It comes and goes, {count} times within the hour: I say no more of it until it settles."
            ),
        )
    elif change is Change.SETTLED:
        shown = (*say(bold(who), f" came and went, and now stays {words.state}"), *since, *say("."))
    elif change is Change.REOPENED:
        shown = (*say(bold(who), f" is {words.state} again"), *since, *say("."))
    elif change is Change.WORSENED:
        shown = (*say(f"Now {alert.severity}: ", bold(who), f" {words.title}"), *since, *say("."))
    elif change is Change.ACK_EXPIRED:
        mark = before.acknowledged if before else None
        whose = f"{mark.name}'s acknowledgement" if mark else "The acknowledgement"
        shown = (*say(f"{whose} has run out, and ", bold(who), f" is still {words.state}"), *since, *say("."))
    else:
        shown = (*say("The silence is over, and ", bold(who), f" is {words.state}"), *since, *say("."))
    text = " ".join([_plain(shown), *(f"@{person}" for person in oncall)])
    spoken = (*shown, *mentions(oncall, before=" "))
    return Message(
        text=text,
        tone=_tone(alert, now=now),
        sections=(Paragraph(line=spoken),),
        metadata=metadata(alert, now=now),
    )


def mentions(ids: Sequence[str], *, before: str = "") -> Line:
    return tuple(part for person in ids for part in say(before, Mention(id=person, quiet=False)))


def held_back(silence: Silence, *, now: datetime, zone: ZoneInfo) -> Line:
    """Return `silenced by @ana until 06:00: deploying`, or `quiet until 06:00: deploy 1.4 by ci`."""
    until = moment(silence.ends_at, now=now, zone=zone)
    if silence.event:
        return say(
            "quiet until ", until, f": {silence.reason}", f" by {silence.name}" if silence.name else ""
        )
    who = Mention(id=silence.by, name=silence.name)
    return say("silenced by ", who, " until ", until, f": {silence.reason}" if silence.reason else "")


# --- the card's parts


def _title(alert: Alert) -> Line:
    words = trouble(alert)
    if alert.status is AlertStatus.RESOLVED:
        return say(bold(f"{alert.target} {words.end}"))
    if alert.status is AlertStatus.RECOVERING:
        return say(bold(f"{alert.target} {words.end}"), ", watching it")
    return say(bold(f"{alert.target} {words.title}"))


def _tone(alert: Alert, *, now: datetime) -> Tone:
    if alert.status is AlertStatus.RESOLVED:
        return Tone.GOOD
    if is_acknowledged(alert, now=now):
        return Tone.ACKNOWLEDGED
    if alert.status is AlertStatus.RECOVERING:
        return Tone.WARNING
    blind = bool(alert.reasons) and alert.reasons[0].code in BLIND and alert.severity is not Severity.CRITICAL
    return Tone.BLIND if blind else TONES[alert.severity]


def _sections(
    alert: Alert,
    observation: Observation | None,
    service: ServiceSpec | None,
    oncall: Sequence[str],
    silence: Silence | None,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[Section, ...]:
    words = trouble(alert)
    found: list[Section] = []
    mark = alert.acknowledged
    if alert.status is AlertStatus.RESOLVED:
        found.append(Context(line=_ending(alert, words, now=now, zone=zone)))
        found += (
            [Paragraph(label="Was stuck in", line=_stuck(alert))] if stuck_in_short(alert.culprit) else []
        )
        found.append(Buttons(buttons=_buttons_after(alert)))
        found.append(Context(line=say(_named(alert))))
        return tuple(found)
    if mark is not None and is_acknowledged(alert, now=now):
        until = moment(mark.until, now=now, zone=zone)
        who = Mention(id=mark.by, name=mark.name)
        found.append(Context(line=say("acknowledged by ", who, " until ", until)))
    if alert.flapping:
        found.append(Context(line=say(f"comes and goes: {len(alert.relapses)} relapses within the hour")))
    if silence is not None:
        found.append(Context(line=held_back(silence, now=now, zone=zone)))
    reading = observation.services.get(alert.target.service or "") if observation else None
    if alert.status is AlertStatus.FIRING:
        found.append(Paragraph(line=meaning(alert, reading, service)))
    found.append(FieldRow(fields=_fields(alert, oncall, now=now, zone=zone)))
    if alert.culprit is not None:
        label, shown = stuck(alert.culprit)
        found.append(Paragraph(label=label, line=shown))
    elif alert.looked_at:
        named = say(
            "One of many at once. I looked at ", bold(", ".join(alert.looked_at)), "; their threads tell."
        )
        found.append(Paragraph(label="Not looked at", line=named))
    if alert.runbook:
        found.append(Paragraph(label="Runbook", line=_runbook(alert.runbook)))
    found.append(Buttons(buttons=_buttons(alert, now=now)))
    found.append(Context(line=say(_footnote(alert))))
    return tuple(found)


def _stuck(alert: Alert) -> Line:
    return stuck(alert.culprit)[1] if alert.culprit else ()


def _fields(
    alert: Alert, oncall: Sequence[str], *, now: datetime, zone: ZoneInfo
) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = []
    if alert.since:
        fields.append(("Since", say(moment(alert.since, now=now, zone=zone, seconds=True))))
    if alert.status is AlertStatus.RECOVERING and alert.turned_at:
        fields.append(("Good since", say(moment(alert.turned_at, now=now, zone=zone, seconds=True))))
    elif alert.last_good_at and alert.target.service:
        took = f"{alert.last_answer_ms:.0f} ms, " if alert.last_answer_ms is not None else ""
        fields.append(
            ("Last answer", say(took, moment(alert.last_good_at, now=now, zone=zone, seconds=True)))
        )
    fields.append(("Severity", say(alert.severity.value)))
    if oncall:
        fields.append(("On call", mentions(oncall)))
    return tuple(fields)


def _buttons(alert: Alert, *, now: datetime) -> tuple[Button | Menu, ...]:
    seen = is_acknowledged(alert, now=now)
    again = "Inspect again" if alert.culprit is not None else "Inspect"
    options = tuple((label, f"{length}|{alert.id}") for label, length in SILENCES)
    return (
        Button(action="ack", label="Acknowledge", value=alert.id, style="default" if seen else "primary"),
        Button(action="inspect", label=again, value=alert.id),
        Menu(action="silence", label="Silence", options=options),
        Button(action="restart", label="Restart…", value=alert.id),
        Button(action="incident", label=alert.incident or "Open incident", value=alert.id),
    )


def _buttons_after(alert: Alert) -> tuple[Button, ...]:
    """Return what may be done with an alert that is over: plan its review, and say whether it was worth being told."""
    return (
        Button(action="review", label="Plan review", value=alert.id),
        *worth_buttons(alert.worth, alert.id),
    )


def worth_buttons(said: Worth, value: str) -> Iterator[Button]:
    """Yield what says whether it was worth being told, unless it was said already."""
    for worth, label in WORTHS.items():
        if worth is not said:
            yield Button(action=worth.value, label=label, value=value)


def _footnote(alert: Alert) -> str:
    rounds = alert.failures
    probes = f" · {rounds} of {rounds} probes failed" if alert.rule == "service_silent" and rounds > 1 else ""
    return f"{_named(alert)}{probes}"


def _runbook(text: str) -> Line:
    is_address = text.startswith(("http://", "https://"))
    return say(Link(url=text, text=text.partition("://")[2]) if is_address else text)


def _named(alert: Alert) -> str:
    return " · ".join(filter(None, (alert.incident, alert.rule, alert.id)))


def _ending(alert: Alert, words: Trouble, *, now: datetime, zone: ZoneInfo) -> Line:
    mark, mended = alert.acknowledged, alert.mended
    shown = say(f"{words.was} for {_lasted(alert, now=now, zone=zone)}")
    if mended is not None:
        shown += say(f"; {DONE.get(mended.verb, mended.verb)} by ", Mention(id=mended.by, name=mended.name))
    if mark is not None and (mended is None or mended.by != mark.by):
        shown += say("; acknowledged by ", Mention(id=mark.by, name=mark.name))
    if alert.worth is not Worth.UNSAID:
        shown += say(f"; {alert.worth_name} says it was {alert.worth}")
    return shown


def _lasted(alert: Alert, *, now: datetime, zone: ZoneInfo) -> str:
    """Return `14 min (03:58–04:12)`: from the first bad round to the first good one."""
    end = alert.turned_at or alert.resolved_at or now
    start = alert.since or end
    return f"{span(end - start)} ({clock(start, now=now, zone=zone)}–{clock(end, now=now, zone=zone)})"


def _plain(shown: Line) -> str:
    return "".join(
        part.text
        if isinstance(part, Text | Link)
        else part.name
        if isinstance(part, Mention)
        else part.fallback
        for part in shown
    )
