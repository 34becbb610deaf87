"""The follow-up meeting: proposed, booked, moved, cancelled; the same event for its whole life."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

PROPOSED_FOR = timedelta(minutes=10)
"""How long an echo waits for a yes."""


class ReviewStatus(StrEnum):
    OFFERED = (
        "offered"  # one of several times that a person may pick; it leads to an echo, never to a meeting
    )
    PROPOSED = "proposed"  # echoed, waits for a yes
    BOOKED = "booked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # nobody said yes in time, or never mind
    HELD = "held"  # its time is over
    DONE = "done"  # a proposal to move or cancel that somebody said yes to


class Purpose(StrEnum):
    """What a yes to a proposal does."""

    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in the chat. `zone` is an IANA name and `email` an address where the chat tells them, else empty.

    `barred`: why they cannot be invited (`bot`, `deactivated`), empty where they can.
    """

    id: str
    name: str
    zone: str = ""
    email: str = ""
    barred: str = ""


@dataclass(frozen=True, kw_only=True)
class Review:
    """One meeting. `start` is in UTC, `zone` the IANA name it was said in; `sequence` counts its moves (RFC 5545, 3.8.7.4).

    `moves` is the booked review that this proposal would move or cancel, as `purpose` says. `named`: the asker said who
    is to come; else it is who took part. `channel` is where the echo stands, empty for one on a terminal. `version` is
    the store's: 0 before it was stored.
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
    purpose: Purpose = Purpose.BOOK
    named: bool = True
    expires_at: datetime | None = None
    channel: str = ""
    thread_ts: str | None = None
    line: str = ""
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        return f"review:{self.id}"

    @property
    def echo_subject(self) -> str:
        """What the echo stands under: the invitation is a message of its own."""
        return f"review-echo:{self.id}"

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)


# --- what may become of one


def too_late(proposal: Review, *, now: datetime) -> bool:
    """Return whether a proposal's time to say yes is over, whoever has noticed."""
    over = proposal.expires_at is not None and now >= proposal.expires_at
    return proposal.status is ReviewStatus.EXPIRED or (proposal.status is ReviewStatus.PROPOSED and over)


def standing(reviews: Iterable[Review], *, now: datetime) -> Review | None:
    """Return the booked review that is not over yet, if there is one."""
    return next((one for one in reviews if one.status is ReviewStatus.BOOKED and one.end > now), None)


def booked(proposal: Review, *, now: datetime) -> Review:
    return replace(proposal, status=ReviewStatus.BOOKED, expires_at=None, updated_at=now)


def moved(review: Review, proposal: Review, *, now: datetime) -> Review:
    """Return the same event at its new time; whoever was named for the new one comes too."""
    known = {one.id for one in review.invitees}
    more = tuple(one for one in proposal.invitees if one.id not in known)
    return replace(
        review,
        start=proposal.start,
        zone=proposal.zone,
        minutes=proposal.minutes,
        invitees=(*review.invitees, *more),
        sequence=review.sequence + 1,
        updated_at=now,
    )


def cancelled(review: Review, *, now: datetime) -> Review:
    return replace(review, status=ReviewStatus.CANCELLED, sequence=review.sequence + 1, updated_at=now)


def ended(proposal: Review, status: ReviewStatus, *, now: datetime) -> Review:
    return replace(proposal, status=status, updated_at=now)


# --- reminders


class Reminding(StrEnum):
    """What a reminder has to say when its turn comes, which may be late."""

    AHEAD = "ahead"
    STARTED = "started"  # nobody was told in time
    NOTHING = "nothing"  # it was moved or cancelled, or a later reminder is due as well and says it


def ahead(review: Review, remind_s: Sequence[float], *, now: datetime) -> tuple[float, ...]:
    """Return the reminders whose time is not over yet, in seconds before the start, each once."""
    return tuple(
        sorted({one for one in remind_s if review.start - timedelta(seconds=one) > now}, reverse=True)
    )


def reminding(
    review: Review | None, *, sequence: int, before_s: float, later_s: Sequence[float], now: datetime
) -> Reminding:
    """Decide what the reminder `before_s` of the review as it was at `sequence` says now.

    `later_s` are the reminders that were planned with it: where a later one is due too (the bot was down), that one alone
    speaks.
    """
    stood = (ReviewStatus.BOOKED, ReviewStatus.HELD)
    if review is None or review.status not in stood or review.sequence != sequence:
        return Reminding.NOTHING
    if any(one < before_s and review.start - timedelta(seconds=one) <= now for one in later_s):
        return Reminding.NOTHING
    return Reminding.AHEAD if now < review.start else Reminding.STARTED
