"""What people do with incidents: open, note, resolve, read. Each is one transaction with its event and its audit entry."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain import postmortem
from bot.domain.actions import Action
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.audit import AuditEntry
from bot.domain.clues import Fact
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.history import Series
from bot.domain.incidents import Incident, joined
from bot.domain.invocations import Actor, Invocation
from bot.domain.messages import Attachment, Message, Notification, Operation, Posted
from bot.domain.postmortem import Postmortem
from bot.domain.settings import EvidenceAudience
from bot.domain.timeline import AFTERCARE, EventKind, TimelineEvent
from bot.flows import cards, history, timeline
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import incident as words
from bot.present import report as report_words
from bot.present import timeline as timeline_words

SHOWN_AROUND = timedelta(minutes=30)
MOST_CHARTED = 3
OF_SERVICE, OF_HOST = ("up", "answer_ms", "backlog"), ("load1", "cpu_busy_ratio", "mem_available_bytes")
"""The readings that a report draws."""
FIRING = (AlertStatus.FIRING, AlertStatus.RECOVERING)
PERSON = re.compile(r"(?<![\w@])@([UW][A-Z0-9]{2,20})\b")
OPEN_USAGE = "/hang incident open TITLE"


def open_incident(
    services: Services, *, actor: Actor, title: str = "", alert: Alert | None = None, another: bool = False
) -> Message:
    """Open an incident for one alert, or for all that fire and are told now; its title is typed or the alert's own words.

    Where there is one open for that already nothing changes, and the answer says which; `another`: open one all the same.
    Raises BadArgument `incident_title` where nothing tells what it would be called, UnknownName.
    """
    return retried(
        lambda: _open(services, actor, spoken(title, services), alert.id if alert else "", another)
    )


def resolve(services: Services, *, actor: Actor, incident: Incident, text: str = "") -> Message:
    """End an incident; its alerts go their own way. Where somebody did already, the answer says who."""
    return retried(lambda: _resolve(services, actor, incident.id, spoken(text, services)))


def note(
    services: Services, *, invocation: Invocation, text: str, about: Incident | Alert, said_there: bool
) -> Message:
    """Add a note to an incident's timeline, or to an alert's, which an incident opened for it will have.

    `said_there`: it was typed in that thread, so that nobody needs to be shown it there.
    """
    words_said = spoken(text, services)
    return retried(lambda: _note(services, invocation, words_said, about, said_there=said_there))


def spoken(text: str, services: Services) -> str:
    """Return what somebody typed with people called by their names: a mention comes as an id."""

    def name(found: re.Match[str]) -> str:
        person = services.people.person(found[1])
        return f"@{person.name}" if person else found[0]

    return PERSON.sub(name, text).strip()


def listed(services: Services) -> Message:
    now, zone = services.clock.now(), services.settings.timezone
    return words.listed(services.store.incidents(), now=now, zone=zone)


def timeline_of(incident: Incident, services: Services, *, whole: bool = False) -> Message:
    """Return an incident's timeline as a message; a long one is shortened, unless it is wanted `whole`."""
    now, zone = services.clock.now(), services.settings.timezone
    entries = timeline.read(incident, services)
    return timeline_words.message(incident, entries, now=now, zone=zone, whole=whole)


def report(incident: Incident, services: Services) -> Attachment:
    """Return the postmortem document of an incident, as a file: `name`, `content` (Markdown)."""
    return report_words.document(_postmortem(incident, services), zone=services.settings.timezone)


def reported(incident: Incident, services: Services, *, printed: bool = False) -> Message:
    """Return the document as a file with what is said beside it; `printed`: as the message itself, for a terminal."""
    say = report_words.printed if printed else report_words.message
    return say(_postmortem(incident, services), zone=services.settings.timezone)


def _postmortem(incident: Incident, services: Services) -> Postmortem:
    entries, alerts = timeline.read(incident, services), timeline.alerts_of(incident, services)
    actions = _actions(incident, services)
    looks = (*postmortem.looked(entries), *(one.inspection for one in actions if one.inspection))
    found = (services.store.inspection(one) for one in looks)
    fired = postmortem.first_told(entries)
    return Postmortem(
        incident=incident,
        entries=entries,
        alerts=alerts,
        times=postmortem.times(incident, entries, alerts, actions),
        inspection=next((one for one in found if one is not None), None),
        actions=actions,
        fired=fired,
        sooner=postmortem.sooner(postmortem.waits(fired)),
        evidence=services.settings.access.evidence is EvidenceAudience.CHANNEL,
        charts=_charts(incident, services),
        as_of=services.clock.now(),
    )


def _charts(incident: Incident, services: Services) -> list[tuple[str, Series]]:
    """Return the readings of its targets, with as much before and after as an hour, or as the incident itself, shows."""
    ended = incident.resolved_at or services.clock.now()
    around = max(SHOWN_AROUND, (ended - incident.since) / 4)
    since, until = incident.since - around, min(ended + around, services.clock.now())
    fleet = services.settings.fleet
    found: list[tuple[str, Series]] = []
    for target in incident.targets[:MOST_CHARTED]:
        host = fleet.hosts.get(target.host)
        if host is not None:
            own = [f"{target.service}.{name}" for name in OF_SERVICE] if target.service else []
            found += history.of_incident([host], [*own, *OF_HOST], services, since=since, until=until)
    return list(dict.fromkeys(found))


def _actions(incident: Incident, services: Services) -> list[Action]:
    """Return what was done to the incident's targets while it lasted, oldest first."""
    until = incident.resolved_at + AFTERCARE if incident.resolved_at else services.clock.now()
    found = {act.id: act for target in incident.targets for act in services.store.actions(target=target)}
    mine = [act for act in found.values() if incident.since <= act.asked.at <= until]
    return sorted(mine, key=lambda act: (act.asked.at, act.id))


# --- open


def _open(services: Services, actor: Actor, title: str, alert_id: str, another: bool) -> Message:
    # the number comes first: whoever commits an incident after this line has taken it, and we have a Conflict
    number = services.store.next_incident_number()
    opened = {one.key: one for one in services.store.incidents(unresolved=True)}
    alerts = [_alert(services, alert_id)] if alert_id else _told_now(services)
    free = [one for one in alerts if one.incident not in opened]
    taken = next((opened[one.incident] for one in alerts if one.incident in opened), None)
    if taken is not None and not free and not another:
        return _already(services, taken, other=bool(title) or not alert_id)
    if not title and (not free or (len(free) > 1 and not alert_id)):
        raise BadArgument("incident_title", usage=OPEN_USAGE, firing=str(len(free)))
    now = services.clock.now()
    incident = Incident(
        id=services.ids.new("inc"),
        number=number,
        title=title or words.title_of(free),
        opened_by=actor.id,
        opened_name=actor.name,
        opened_at=now,
        since=now,
        channel=services.settings.channel,
        updated_at=now,
    )
    incident = joined(incident, free)
    named = [replace(one, incident=incident.key, updated_at=now) for one in free]
    event = _event(incident, EventKind.INCIDENT_OPENED, actor, now=now, title=incident.title)
    shown = timeline.shown_as(incident, services, events=[event], alerts=named, now=now)
    services.store.commit(
        incidents=[incident],
        alerts=named,
        events=[event],
        notifications=[
            timeline.row(incident, Operation.POST, shown, services, now=now),
            *cards.edits(services, named, services.store.silences(now=now), now=now),
        ],
        audit=[_entry(services, actor, "incident open", incident, {"title": incident.title}, now=now)],
    )
    return words.opened(incident, services.settings.channel)


def _alert(services: Services, alert_id: str) -> Alert:
    found = services.store.alert(alert_id)
    if found is None:
        raise UnknownName(kind="alert", word=alert_id)
    return found


def _told_now(services: Services) -> list[Alert]:
    """Return the alerts that fire and are told, the one that began first in front."""
    found = [one for one in services.store.alerts(unresolved=True) if one.status in FIRING and one.told]
    return sorted(found, key=lambda one: (one.since or one.updated_at, one.id))


def _already(services: Services, incident: Incident, *, other: bool) -> Message:
    return words.already_open(
        incident,
        channel=services.settings.channel,
        posted_at=_posted_at(services.store.posted(incident.subject)),
        other=other,
        now=services.clock.now(),
        zone=services.settings.timezone,
    )


def _posted_at(posted: Posted | None) -> datetime | None:
    """Return when a message was posted: its `ts` is seconds since 1970 (docs.slack.dev/messaging)."""
    try:
        return datetime.fromtimestamp(float(posted.ts), UTC) if posted else None
    except (ValueError, OverflowError, OSError):
        return None


# --- note, resolve


def _note(
    services: Services, invocation: Invocation, text: str, about: Incident | Alert, *, said_there: bool
) -> Message:
    actor, now = invocation.actor, services.clock.now()
    incident, alert = _about(services, about)
    event = TimelineEvent(
        id=f"evt_{invocation.id}"[:120],
        at=now,
        kind=EventKind.NOTED,
        target=alert.target if alert else None,
        alert=alert.id if alert else "",
        incident=incident.id if incident else "",
        by=actor.id,
        name=actor.name,
        facts={"text": text},
    )
    touched = timeline.touched(services, [event], now=now)
    said: list[Notification] = list(touched.notifications)
    if incident is not None and not said_there:
        shown = words.note(incident, by=actor.id, name=actor.name, text=text)
        said.append(timeline.row(incident, Operation.REPLY, shown, services, now=now))
    where = incident.key if incident else str(alert.target) if alert else ""
    services.store.commit(
        incidents=touched.incidents,
        events=[event],
        notifications=said,
        audit=[_entry(services, actor, "note", incident or where, {"event": event.id}, now=now)],
    )
    return words.noted(where)


def _about(services: Services, about: Incident | Alert) -> tuple[Incident | None, Alert | None]:
    """Return the incident and the alert that a note is about: an alert's open incident is meant with it."""
    if isinstance(about, Incident):
        return about, None
    mine = (one for one in services.store.incidents(unresolved=True) if one.key == about.incident)
    return next(mine, None), about


def _resolve(services: Services, actor: Actor, incident_id: str, text: str) -> Message:
    now, zone = services.clock.now(), services.settings.timezone
    before = services.store.incident(incident_id)
    if before is None:
        raise UnknownName(kind="incident", word=incident_id)
    if not before.open:
        return words.already_resolved(before, now=now, zone=zone)
    after = replace(before, resolved_at=now, resolved_by=actor.id, resolved_name=actor.name, updated_at=now)
    event = _event(after, EventKind.INCIDENT_RESOLVED, actor, now=now, text=text)
    alerts = timeline.alerts_of(after, services)
    message = words.resolved(after, text=text, alerts=alerts)
    services.store.commit(
        incidents=[after],
        events=[event],
        notifications=[
            timeline.edit(after, services, events=[event], now=now),
            timeline.row(after, Operation.REPLY, message, services, now=now),
        ],
        audit=[_entry(services, actor, "incident resolve", after, {"text": text}, now=now)],
    )
    return message


# --- what they share


def _event(
    incident: Incident, kind: EventKind, actor: Actor, *, now: datetime, **facts: Fact
) -> TimelineEvent:
    return TimelineEvent(
        id=f"evt_{incident.id}.{kind.value}",
        at=now,
        kind=kind,
        incident=incident.id,
        by=actor.id,
        name=actor.name,
        facts={"key": incident.key, **facts},
    )


def _entry(
    services: Services,
    actor: Actor,
    verb: str,
    about: Incident | str,
    facts: dict[str, Fact],
    *,
    now: datetime,
) -> AuditEntry:
    return AuditEntry(
        id=services.ids.new("aud"),
        at=now,
        actor=actor.id,
        verb=verb,
        target=about.key if isinstance(about, Incident) else about,
        outcome="done",
        facts=facts,
    )
