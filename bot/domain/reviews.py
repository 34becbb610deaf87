"""The follow-up meeting: proposed, booked, moved, cancelled; the same event for its whole life."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReviewStatus(StrEnum):
    PROPOSED = "proposed"  # echoed, waits for a yes
    BOOKED = "booked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # nobody said yes in time, or never mind
    HELD = "held"  # its time is over


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in the chat. `zone` is an IANA name and `email` an address where the chat tells them, else empty."""

    id: str
    name: str
    zone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Review:
    """One meeting. `start` is in UTC, `zone` the IANA name it was said in; `sequence` counts its moves (RFC 5545, 3.8.7.4).

    `moves` is the booked review that this proposal would move, if any. `version` is the store's: 0 before it was stored.
    """

    id: str
    incident: str
    start: datetime
    zone: str
    minutes: int
    organiser: Person
    invitees: tuple[Person, ...]
    status: ReviewStatus
    sequence: int = 0
    moves: str = ""
    expires_at: datetime | None = None
    channel: str = ""
    thread_ts: str | None = None
    line: str = ""
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        return f"review:{self.id}"
