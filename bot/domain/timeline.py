"""What happened, one event a row: written as it happens, read by incidents and reports afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.clues import Fact
from bot.domain.targets import Target


class EventKind(StrEnum):
    FIRST_BAD = "first_bad"
    FIRED = "fired"
    REOPENED = "reopened"
    WORSENED = "worsened"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
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
    REVIEW_BOOKED = "review_booked"
    REVIEW_MOVED = "review_moved"
    REVIEW_CANCELLED = "review_cancelled"


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
