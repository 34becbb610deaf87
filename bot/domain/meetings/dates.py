"""Days: tomorrow, next week wed, 1 dec, 01.12.2026, 2026-12-01T09:00Z."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.clues import clue
from bot.domain.meetings.clock_times import COLON, set_clock
from bot.domain.meetings.phrase import CalendarDay, Clock, Phrase, RelativeDay, Weekday, Which, ZoneWord
from bot.domain.meetings.slot import Unreadable
from bot.domain.meetings.tokens import Scanner
from bot.domain.meetings.words import DAYS, MONTHS, WEEKDAYS
from bot.domain.meetings.zones import offset_of

YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:t(.+))?")
BASIC = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})(?:t(.+))?")
ISO_TIME = re.compile(r"([0-9]{2}):?([0-9]{2})(?::?00(?:[.,]0+)?)?(z|[+-][0-9]{2}(?::?[0-9]{2})?)?")
STAMP = re.compile(
    r"([0-9]{1,2}:[0-9]{2})(?::00(?:\.0+)?)?(z|\+[0-9]{2}:?[0-9]{2})|([0-9]{1,2}:[0-9]{2}):00(?:\.0+)?(-[0-9]{2}:?[0-9]{2})"
)
DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})?")
MAYBE_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{2})")
NUMERIC = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})(?:\2([0-9]{4}|[0-9]{2}))?")
GLUED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[-/.]?([a-z]{3,9})(?:[-/.]?(20[0-9]{2}))?|([a-z]{3,9})[-/.]?([0-9]{1,2})(?:st|nd|rd|th)?")  # fmt: skip
DAY = re.compile(r"([0-9]{1,2})(st|nd|rd|th)?")
YEAR = re.compile(r"19[0-9]{2}|20[0-9]{2}")
CENTURY = 2000


def take_day(scan: Scanner, phrase: Phrase, *, month_first: bool | None) -> bool:
    """Read a day if one comes next. `month_first`: what 5/6 means to this person, None where nobody knows."""
    return (
        _numeric(scan, phrase, month_first=month_first)
        or _month_and_day(scan, phrase)
        or _weekday(scan, phrase)
        or _relative(scan, phrase)
    )


def _set_day(scan: Scanner, phrase: Phrase, day: CalendarDay | RelativeDay, count: int) -> bool:
    typed = scan.typed(count)
    if phrase.day is not None:
        raise Unreadable(clue("said_twice", word=typed, first=phrase.words["day"]))
    phrase.day = day
    phrase.words["day"] = typed
    scan.skip(count)
    return True


# --- figures


def _numeric(scan: Scanner, phrase: Phrase, *, month_first: bool | None) -> bool:
    word = scan.text()
    if matched := YEAR_FIRST.fullmatch(word):
        year, month, day, time = (matched[1], matched[3], matched[4], matched[5])
    elif matched := BASIC.fullmatch(word):
        year, month, day, time = matched.groups()
    elif matched := DOTTED.fullmatch(word):
        day, month, year, time = matched[1], matched[2], matched[3], None
    elif matched := NUMERIC.fullmatch(word):
        found = _day_and_month(matched, scan.typed(), month_first)
        return _set_day(scan, phrase, found, 1)
    else:
        return _maybe_dotted(scan, phrase)
    phrase.iso_day = time is None and matched.re is not DOTTED
    if time is not None:
        _iso_time(scan, phrase, time)
    return _set_day(scan, phrase, CalendarDay(day=int(day), month=int(month), year=_full(year)), 1)


def _full(year: str | None) -> int | None:
    if year is None:
        return None
    return int(year) + (CENTURY if len(year) == 2 else 0)


def _day_and_month(matched: re.Match[str], typed: str, month_first: bool | None) -> CalendarDay:
    """Return 25/12 as what it must be. Raises Unreadable where it may be two days."""
    first, second, year = int(matched[1]), int(matched[3]), _full(matched[4])
    if matched[2] == "-" and year is None:
        raise Unreadable(clue("ambiguous_numeric", word=typed, one="", other=""))
    if first > 12 or second > 12 or first == second:
        day, month = (first, second) if second <= 12 else (second, first)
        return CalendarDay(day=day, month=month, year=year)
    if month_first is None:
        head = f"{year:04}-" if year else ""
        raise Unreadable(
            clue("ambiguous_numeric", word=typed, one=f"{head}{second:02}-{first:02}", other=f"{head}{first:02}-{second:02}")
        )  # fmt: skip
    day, month = (second, first) if month_first else (first, second)
    return CalendarDay(day=day, month=month, year=year)


def _maybe_dotted(scan: Scanner, phrase: Phrase) -> bool:
    """Read `10.12`: which it is shows when all is read. `10.30` is no date, `25.12` no time."""
    matched = MAYBE_DOTTED.fullmatch(scan.text())
    if matched is None or scan.text(1) in ("am", "pm"):
        return False
    first, second = int(matched[1]), int(matched[2])
    if not 1 <= second <= 12 or not 1 <= first <= 31:
        return False
    if first > 23:
        return _set_day(scan, phrase, CalendarDay(day=first, month=second), 1)
    phrase.dotted.append((first, second, scan.typed()))
    scan.skip()
    return True


def _iso_time(scan: Scanner, phrase: Phrase, time: str) -> None:
    matched = ISO_TIME.fullmatch(time)
    if matched is None or int(matched[1]) > 23 or int(matched[2]) > 59:
        raise Unreadable(clue("no_such_time", word=scan.typed()))
    _stamp(phrase, Clock(hour=int(matched[1]), minute=int(matched[2])), matched[3], scan.typed())


def take_stamp(scan: Scanner, phrase: Phrase) -> bool:
    """Read `09:00Z`, `09:00+01:00`, `09:00:00-05:00`: without seconds the last could be a range."""
    matched = STAMP.fullmatch(scan.text())
    if matched is None:
        return False
    time = COLON.fullmatch(matched[1] or matched[3])
    if time is None or int(time[1]) > 23 or int(time[2]) > 59:
        raise Unreadable(clue("no_such_time", word=scan.typed()))
    _stamp(phrase, Clock(hour=int(time[1]), minute=int(time[2])), matched[2] or matched[4], scan.typed())
    scan.skip()
    return True


def _stamp(phrase: Phrase, clock: Clock, suffix: str | None, typed: str) -> None:
    set_clock(phrase, clock, typed)
    if suffix is None:
        return
    if phrase.zone is not None or phrase.offset is not None:
        raise Unreadable(clue("said_twice", word=typed, first=phrase.words["zone"]))
    phrase.words["zone"] = typed
    if suffix == "z":
        phrase.zone = ZoneWord(zones=(ZoneInfo("UTC"),))
        return
    offset: timedelta | None = offset_of(suffix)
    if offset is None:
        raise Unreadable(clue("unknown_zone", word=suffix, nearest=""))
    phrase.offset = offset


# --- words


def _month_and_day(scan: Scanner, phrase: Phrase) -> bool:
    """Read `1 dec 2026`, `1st of december`, `dec 1`, `december the 1st`, `1dec`, `the 3rd`."""
    if scan.text() in MONTHS:
        return _month_first(scan, phrase)
    if found := GLUED.fullmatch(scan.text()):
        month = MONTHS.get(found[2] or found[4] or "")
        if month is not None:
            day = CalendarDay(day=int(found[1] or found[5]), month=month, year=_full(found[3]))
            return _set_day(scan, phrase, day, 1) if day.year else _with_year(scan, phrase, day, 1)
    number = _day_number(scan.text())
    if number is None:
        return False
    ahead = 2 if scan.text(1) == "of" else 1
    month = MONTHS.get(scan.text(ahead))
    if month is not None:
        return _with_year(scan, phrase, CalendarDay(day=number, month=month), ahead + 1)
    if scan.text().isdigit():
        return False
    return _set_day(scan, phrase, CalendarDay(day=number), 1)


def _month_first(scan: Scanner, phrase: Phrase) -> bool:
    ahead = 2 if scan.text(1) == "the" else 1
    number = _day_number(scan.text(ahead))
    if number is None or scan.text(ahead + 1) in ("am", "pm", "o'clock"):
        raise Unreadable(clue("day_missing", word=scan.typed()))
    return _with_year(scan, phrase, CalendarDay(day=number, month=MONTHS[scan.text()]), ahead + 1)


def _with_year(scan: Scanner, phrase: Phrase, day: CalendarDay, count: int) -> bool:
    if YEAR.fullmatch(scan.text(count)):
        return _set_day(
            scan, phrase, CalendarDay(day=day.day, month=day.month, year=int(scan.text(count))), count + 1
        )
    return _set_day(scan, phrase, day, count)


def _day_number(word: str) -> int | None:
    matched = DAY.fullmatch(word)
    if matched is None:
        return None
    number = int(matched[1])
    right = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return number if matched[2] in (None, right) else None


def _weekday(scan: Scanner, phrase: Phrase) -> bool:
    which = {"this": Which.THIS, "coming": Which.THIS, "upcoming": Which.THIS, "next": Which.NEXT}.get(
        scan.text()
    )
    if which is not None and scan.text(1) == "week":
        if scan.text() not in ("this", "next"):
            return False
        if phrase.week is not None:
            raise Unreadable(clue("said_twice", word=scan.typed(2), first=phrase.words["week"]))
        phrase.week = 1 if which is Which.NEXT else 0
        phrase.words["week"] = scan.typed(2)
        scan.skip(2)
        return True
    ahead = 0 if which is None else 1
    number = WEEKDAYS.get(scan.text(ahead))
    if number is None:
        return False
    typed = scan.typed(ahead + 1)
    if phrase.weekday is not None:
        raise Unreadable(clue("said_twice", word=typed, first=phrase.words["weekday"]))
    phrase.weekday = Weekday(number=number, which=which or Which.BARE)
    phrase.words["weekday"] = typed
    scan.skip(ahead + 1)
    return True


def _relative(scan: Scanner, phrase: Phrase) -> bool:
    if scan.text() == "day" and scan.text(1) == "after" and DAYS.get(scan.text(2)) == 1:
        return _set_day(scan, phrase, RelativeDay(days=2), 3)
    if scan.text() in DAYS:
        return _set_day(scan, phrase, RelativeDay(days=DAYS[scan.text()]), 1)
    return False
