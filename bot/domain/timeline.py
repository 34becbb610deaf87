"""What happened, one event a row: written as it happens, read by incidents and reports afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.clues import Fact
from bot.domain.incidents import Incident, covers
from bot.domain.targets import Target

AFTERCARE = timedelta(hours=1)
"""How long after its end what happens to an incident's alerts still belongs to it, such as their own end."""


class EventKind(StrEnum):
    FIRST_BAD = "first_bad"
    FIRED = "fired"
    REOPENED = "reopened"
    WORSENED = "worsened"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    INSPECTED = "inspected"
    ACT_ASKED = "act_asked"
    ACT_APPROVED = "act_approved"
    ACT_CANCELLED = "act_cancelled"
    ACT_EXPIRED = "act_expired"
    ACT_DONE = "act_done"  # the command came back
    ACT_VERIFIED = "act_verified"
    ACT_NOT_VERIFIED = "act_not_verified"
    ACT_UNKNOWN = "act_unknown"
    ACT_NOT_DONE = "act_not_done"
    ACT_HELD = "act_held"
    ACT_RELAPSED = "act_relapsed"
    NOTED = "noted"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_RESOLVED = "incident_resolved"
    DEPLOYED = "deployed"
    REVIEW_BOOKED = "review_booked"
    REVIEW_MOVED = "review_moved"
    REVIEW_CANCELLED = "review_cancelled"


CHANGES_THE_STATE = (
    EventKind.REOPENED, EventKind.RESOLVED, EventKind.ACT_DONE, EventKind.ACT_VERIFIED, EventKind.ACT_NOT_VERIFIED,
    EventKind.ACT_UNKNOWN, EventKind.ACT_RELAPSED,
)  # fmt: skip
"""After these the same line found once more is news."""


@dataclass(frozen=True, kw_only=True)
class TimelineEvent:
    """`id` is unique: the same event written twice is kept once, so that a step done again says nothing twice.

    `by` is an actor's id, empty for the bot itself. `facts` are typed; `present` puts them into words.
    """

    id: str
    at: datetime
    kind: EventKind
    target: Target | None = None
    alert: str = ""
    incident: str = ""
    by: str = ""
    name: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def kept_quiet(self) -> bool:
        """Whether it is of an alert that nobody was told of."""
        return self.facts.get("told") is False


# --- an incident's timeline


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a timeline: an event, and how often it came again (`last_at` the last time)."""

    event: TimelineEvent
    again: int = 0
    last_at: datetime | None = None


def belongs(event: TimelineEvent, incident: Incident) -> bool:
    """Whether an event is part of an incident: said of it, or of its alerts and targets while it lasted."""
    if event.incident:
        return event.incident == incident.id
    if event.at < incident.since:
        return False
    end = incident.resolved_at
    if event.alert in incident.alerts or event.kind.startswith("act_"):
        return (end is None or event.at <= end + AFTERCARE) and (
            event.alert in incident.alerts or covers(incident, event.target)
        )
    return (end is None or event.at <= end) and covers(incident, event.target)


def entries(events: Iterable[TimelineEvent], incident: Incident) -> tuple[Entry, ...]:
    """Return an incident's timeline, oldest first, each event once; looks that found the same line again are one entry."""
    known = {event.id: event for event in events if belongs(event, incident)}
    found: list[Entry] = []
    looks: dict[tuple[Fact | Target, ...], int] = {}
    for event in sorted(known.values(), key=lambda one: one.at):
        if event.kind in CHANGES_THE_STATE:
            looks.clear()
        if event.kind is not EventKind.INSPECTED:
            found.append(Entry(event=event))
            continue
        place = (event.target, *(event.facts.get(name) for name in ("verdict", "file", "line", "function")))
        if place in looks:
            earlier = found[looks[place]]
            found[looks[place]] = replace(earlier, again=earlier.again + 1, last_at=event.at)
            continue
        looks[place] = len(found)
        found.append(Entry(event=event))
    return tuple(found)
