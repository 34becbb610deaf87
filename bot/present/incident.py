"""An incident's message, which is edited for its whole life, and what is answered to who opens, notes and resolves."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.incidents import Incident
from bot.domain.messages import (
    Ask,
    Bullets,
    Button,
    Buttons,
    Context,
    FieldRow,
    Line,
    Mention,
    Message,
    Metadata,
    Paragraph,
    Section,
    Tone,
    bold,
    code,
    flat,
    say,
)
from bot.domain.timeline import Entry
from bot.present import timeline
from bot.present.alert import brief
from bot.present.alert_words import clock, moment, span, stuck, stuck_in_short, trouble

MOST_ENTRIES = 5
MOST_TARGETS = 6
MOST_LISTED = 15
FIRING = (AlertStatus.FIRING, AlertStatus.RECOVERING)


def card(
    incident: Incident,
    *,
    alerts: Sequence[Alert],
    entries: Sequence[Entry],
    now: datetime,
    zone: ZoneInfo,
) -> Message:
    """Return the incident's message as it should stand now. It mentions nobody: its alerts did."""
    return Message(
        text=line(incident, alerts=alerts, now=now, zone=zone),
        title=say(bold(f"{incident.key}: {incident.title}")),
        tone=_tone(incident, alerts),
        sections=_sections(incident, alerts, entries, now=now, zone=zone),
        metadata=metadata(incident),
    )


def metadata(incident: Incident) -> Metadata:
    payload = {
        "id": incident.id,
        "status": "open" if incident.open else "resolved",
        "key": incident.key,
        "members": list(incident.alerts)[:50],
    }
    return Metadata(event_type="hangbot_incident", payload=payload)


def line(incident: Incident, *, alerts: Sequence[Alert], now: datetime, zone: ZoneInfo) -> str:
    """Return all of it in one line: `INC-3 open: shop on web1 does not answer, since 03:58. Opened by ana.`"""
    where = _named(incident)
    about = "" if not where or where in incident.title else f" ({where})"
    if incident.resolved_at is not None:
        lasted = span(incident.resolved_at - incident.since)
        return (
            f"{incident.key} resolved by {incident.resolved_name}: {incident.title}{about}, after {lasted}."
        )
    since = clock(incident.since, now=now, zone=zone)
    stuck_at = next(filter(None, (stuck_in_short(alert.culprit) for alert in alerts)), "")
    found = f", {stuck_at}" if stuck_at else ""
    return f"{incident.key} open: {incident.title}{about}, since {since}{found}. Opened by {incident.opened_name}."


def still_firing(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    return tuple(alert for alert in alerts if alert.status in FIRING)


def title_of(alerts: Sequence[Alert]) -> str:
    """Return what an incident is called that nobody gave a title: its first alert's own words."""
    first = alerts[0]
    rest = f", and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    return f"{first.target} {trouble(first).title}{rest}"


# --- the card's parts


def _tone(incident: Incident, alerts: Sequence[Alert]) -> Tone:
    if not incident.open:
        return Tone.GOOD
    severities = {alert.severity for alert in still_firing(alerts)}
    if Severity.CRITICAL in severities:
        return Tone.CRITICAL
    return Tone.WARNING


def _sections(
    incident: Incident, alerts: Sequence[Alert], entries: Sequence[Entry], *, now: datetime, zone: ZoneInfo
) -> tuple[Section, ...]:
    found: list[Section] = [FieldRow(fields=_fields(incident, now=now, zone=zone))]
    if alerts:
        found.append(Bullets(lines=tuple(_state(alert, now=now, zone=zone) for alert in alerts[:10])))
    culprit = next((one.culprit for one in reversed(alerts) if stuck_in_short(one.culprit)), None)
    if culprit is not None:
        label, shown = stuck(culprit)
        found.append(Paragraph(label=label if incident.open else "Was stuck in", line=shown))
    told = [entry for entry in entries if not entry.event.kept_quiet]
    if told:
        latest = tuple(timeline.dated(entry, now=now, zone=zone) for entry in told[-MOST_ENTRIES:])
        found += [Context(line=say("The latest:")), Bullets(lines=latest)]
    if incident.open and alerts and not still_firing(alerts):
        found.append(Paragraph(line=say("All its alerts are over. Resolve it once you are done with it.")))
    found.append(Buttons(buttons=_buttons(incident, alerts)))
    earlier = len(told) - MOST_ENTRIES
    more = (
        f"{earlier} earlier: /hang timeline {incident.key}"
        if earlier > 0
        else f"/hang timeline {incident.key}"
    )
    found.append(Context(line=say(f"{incident.key} · {incident.id} · {more}")))
    return tuple(found)


def _fields(incident: Incident, *, now: datetime, zone: ZoneInfo) -> tuple[tuple[str, Line], ...]:
    fields = [
        ("Since", say(moment(incident.since, now=now, zone=zone, seconds=True))),
        ("Opened by", say(Mention(id=incident.opened_by, name=incident.opened_name))),
    ]
    if incident.targets:
        fields.append(("Where", say(_named(incident))))
    if incident.resolved_at is not None:
        who = Mention(id=incident.resolved_by, name=incident.resolved_name)
        at = moment(incident.resolved_at, now=now, zone=zone)
        fields.append(("Resolved", say("by ", who, ", ", at)))
    return tuple(fields)


def _named(incident: Incident) -> str:
    names = [str(target) for target in incident.targets]
    more = f" and {len(names) - MOST_TARGETS} more" if len(names) > MOST_TARGETS else ""
    return ", ".join(names[:MOST_TARGETS]) + more


def _state(alert: Alert, *, now: datetime, zone: ZoneInfo) -> Line:
    if alert.status in FIRING:
        return brief(alert, now=now, zone=zone)
    words, began = trouble(alert), alert.since
    end = alert.turned_at or alert.resolved_at
    lasted = f", after {span(end - began)}" if end and began and end > began else ""
    return say("over: ", bold(str(alert.target)), f" {words.end}{lasted}")


def _buttons(incident: Incident, alerts: Sequence[Alert]) -> tuple[Button, ...]:
    report = Button(action="report", label="Report", value=incident.id)
    review = Button(action="review", label="Plan review", value=incident.id)
    if not incident.open:
        return (report, review)
    firing = still_firing(alerts)
    text = f"{_firing_named(firing)} It is told on all the same." if firing else "Its alerts are over."
    ask = Ask(title=f"Resolve {incident.key}?", text=text, confirm="Resolve")
    return (report, review, Button(action="resolve", label="Resolve", value=incident.id, ask=ask))


def _firing_named(firing: Sequence[Alert]) -> str:
    names = ", ".join(f"{alert.target} ({trouble(alert).state})" for alert in firing[:3])
    more = f" and {len(firing) - 3} more" if len(firing) > 3 else ""
    return f"Still firing: {names}{more}."


# --- answers


def opened(incident: Incident, channel: str) -> Message:
    shown = say(
        bold(incident.key),
        " is open: ",
        incident.title,
        f". Its message is in {channel or 'the alert channel'}; ",
    )
    shown += say(code("/hang note TEXT"), " adds to its timeline.")
    return Message(text=flat(shown), sections=(Paragraph(line=shown),))


def already_open(
    incident: Incident,
    *,
    channel: str,
    posted_at: datetime | None,
    other: bool,
    now: datetime,
    zone: ZoneInfo,
) -> Message:
    """Say that there is one for that already, and where; `other`: whether something else may have been meant."""
    who = Mention(id=incident.opened_by, name=incident.opened_name)
    shown = say(bold(incident.key), " is open for that already: ", incident.title, ", opened by ", who)
    at = say(", from ", moment(posted_at, now=now, zone=zone)) if posted_at else ()
    shown += say(f". Its message is in {channel or 'the alert channel'}", *at, ".")
    if other:
        shown += say(" If this is something else: ", code("/hang incident open another TITLE"))
    return Message(text=flat(shown), sections=(Paragraph(line=shown),))


def resolved(incident: Incident, *, text: str, alerts: Sequence[Alert]) -> Message:
    """Say in the incident's thread that it is over; an alert that still fires is named."""
    who = Mention(id=incident.resolved_by, name=incident.resolved_name)
    lasted = span((incident.resolved_at or incident.updated_at) - incident.since)
    shown = say(who, " resolved ", bold(incident.key), f" after {lasted}", f": {text}" if text else ".")
    sections: list[Section] = [Paragraph(line=shown)]
    plain = flat(shown)
    if firing := still_firing(alerts):
        still = say(f"{_firing_named(firing)} Resolving the incident does not end its alerts.")
        sections.append(Paragraph(line=still))
        plain += f" {flat(still)}"
    return Message(
        text=plain,
        tone=Tone.GOOD if not firing else Tone.WARNING,
        sections=tuple(sections),
        metadata=metadata(incident),
    )


def already_resolved(incident: Incident, *, now: datetime, zone: ZoneInfo) -> Message:
    who = Mention(id=incident.resolved_by, name=incident.resolved_name)
    at = moment(incident.resolved_at or now, now=now, zone=zone)
    shown = say(who, " resolved ", bold(incident.key), " already, at ", at, ".")
    return Message(text=flat(shown), sections=(Paragraph(line=shown),))


def noted(where: str) -> Message:
    """Tell who wrote a note where it stands now."""
    shown = say("Noted in the timeline of ", bold(where), ".")
    return Message(text=flat(shown), sections=(Paragraph(line=shown),))


def note(incident: Incident, *, by: str, name: str, text: str) -> Message:
    """Show a note in the incident's thread to those who follow it."""
    shown = say(Mention(id=by, name=name), f": {text}")
    return Message(
        text=f"{name} notes in {incident.key}: {text}",
        sections=(Paragraph(line=shown),),
        metadata=metadata(incident),
    )


def listed(incidents: Sequence[Incident], *, now: datetime, zone: ZoneInfo) -> Message:
    """Return the incidents, the open ones first."""
    if not incidents:
        shown = say("There is no incident. ", code("/hang incident open TITLE"), " opens one.")
        return Message(text=flat(shown), sections=(Paragraph(line=shown),))
    ordered = sorted(incidents, key=lambda one: (not one.open, -one.number))
    open_ones = sum(one.open for one in incidents)
    head = f"{open_ones} incident{'' if open_ones == 1 else 's'} open" if open_ones else "No incident is open"
    lines = [_listed(one, now=now, zone=zone) for one in ordered[:MOST_LISTED]]
    if len(ordered) > MOST_LISTED:
        lines.append(say(f"… and {len(ordered) - MOST_LISTED} older"))
    return Message(text=f"{head}.", title=say(head), sections=(Bullets(lines=tuple(lines)),))


def _listed(incident: Incident, *, now: datetime, zone: ZoneInfo) -> Line:
    since = moment(incident.since, now=now, zone=zone)
    shown = say(bold(incident.key), f" {incident.title}, ")
    if incident.resolved_at is None:
        return (*shown, *say("open since "), since)
    lasted = span(incident.resolved_at - incident.since)
    return (*shown, *say(f"resolved by {incident.resolved_name} after {lasted}, began "), since)
