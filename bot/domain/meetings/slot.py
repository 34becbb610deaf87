"""When to meet, as far as it is known: a slot, a question with its answers, or a refusal with its reason."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.clues import Clue


@dataclass(frozen=True, kw_only=True)
class Slot:
    """`start` is aware, in `zone` (an IANA name or `UTC`). `minutes_given`: somebody typed the length.

    Compare starts in UTC: Python compares two readings of one zone by their wall clock, so it takes the two 02:30
    of a night when clocks go back for one.
    """

    start: datetime
    zone: str
    minutes: int
    minutes_given: bool

    @property
    def end(self) -> datetime:
        return (self.start.astimezone(UTC) + timedelta(minutes=self.minutes)).astimezone(self.start.tzinfo)


@dataclass(frozen=True, kw_only=True)
class Option:
    """One answer to a question. `text` is a phrase that the grammar reads as exactly this slot, now or later."""

    slot: Slot
    text: str


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A person must choose. `code` says why, `word` is what could mean several things (empty where something is missing)."""

    code: str
    word: str = ""
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """It cannot be read, or must not be booked; the clue has the word or the reason."""

    clue: Clue


Found = Slot | Ask
Answer = Found | Refused


class Unreadable(Exception):
    """Carries a refusal out of the grammar; never leaves this package."""

    def __init__(self, clue: Clue) -> None:
        super().__init__(clue.code)
        self.clue = clue
