"""What was said, word by word, before anybody looks at a calendar."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class RelativeDay:
    """today, tomorrow, the day after tomorrow."""

    days: int


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """A day of a month; what was not said is None."""

    day: int
    month: int | None = None
    year: int | None = None


class Which(StrEnum):
    BARE = "bare"
    THIS = "this"  # also: coming
    NEXT = "next"


@dataclass(frozen=True, kw_only=True)
class Weekday:
    number: int
    which: Which = Which.BARE


@dataclass(frozen=True, kw_only=True)
class Span:
    """A distance: months to minutes. Days keep the wall clock, minutes are absolute."""

    months: int = 0
    days: int = 0
    workdays: int = 0
    minutes: int = 0
    whole_weeks: bool = False

    @property
    def only_minutes(self) -> bool:
        return not (self.months or self.days or self.workdays)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time of day. `open_half`: 3 or 3:30 with neither am nor pm, so both halves of the day are possible."""

    hour: int
    minute: int = 0
    open_half: bool = False
    midnight: bool = False
    """The word: it begins one day and ends another."""


@dataclass(frozen=True, kw_only=True)
class ZoneWord:
    """A zone as it was written. `abbreviation`: a word such as PST, which says the season too; then there may be several zones."""

    zones: tuple[ZoneInfo, ...]
    abbreviation: str = ""


@dataclass(kw_only=True)
class Phrase:
    """Everything that a line said; None where it did not say. Filled by the parser alone."""

    day: RelativeDay | CalendarDay | None = None
    weekday: Weekday | None = None
    week: int | None = None
    """0: this week, 1: the next one."""
    shift: Span | None = None
    anchored: bool = False
    """The shift counts from the day that is said, not from now."""
    clock: Clock | None = None
    loose_number: int | None = None
    """`fri 4`: an hour, or a day of the month?"""
    half_said: bool = False
    """The clock leaves no choice: 9pm, 14:30, 03:00."""
    iso_day: bool = False
    part: str | None = None
    this_part: bool = False
    zone: ZoneWord | None = None
    offset: timedelta | None = None
    minutes: int | None = None
    dotted: list[tuple[int, int, str]] = field(default_factory=list)
    """`10.12`: a time, or a date? Known once all is read."""
    words: dict[str, str] = field(default_factory=dict)
    """How each part was typed, to name it."""

    @property
    def names_day(self) -> bool:
        return (
            self.day is not None
            or self.weekday is not None
            or self.week is not None
            or self.shift is not None
            or self.part == "tonight"
            or self.this_part
        )
