"""Which days a phrase may mean, seen from a given day; more than one where people would differ."""

from datetime import date, timedelta

from bot.domain.clues import clue
from bot.domain.meetings.phrase import CalendarDay, Phrase, RelativeDay, Span, Weekday, Which
from bot.domain.meetings.slot import Unreadable

WEEK = 7
SATURDAY = 5
JUST_OVER = timedelta(days=60)
"""`20 nov`, typed on the 23rd, is a slip rather than next year; a person is asked."""
FARTHEST = 400
LEAP_YEAR = 2024
"""A day that it does not have, no year has."""


def possible_days(phrase: Phrase, today: date) -> tuple[date, ...]:
    """Return the days that were named, best known first; none where no day was. Raises Unreadable."""
    if phrase.shift is not None:
        found = _shifted(phrase, phrase.shift, today)
    elif phrase.day is not None:
        if phrase.week is not None:
            raise Unreadable(clue("said_twice", word=phrase.words["week"], first=phrase.words["day"]))
        found = _agreeing(phrase, named_days(phrase.day, today, phrase.words["day"]))
    elif phrase.weekday is not None:
        found = _weekdays(phrase, phrase.weekday, today)
    elif phrase.week is not None:
        found = _days_of_week(phrase.week, today, phrase.words["week"])
    elif phrase.part == "tonight" or phrase.this_part:
        return (today,)
    else:
        return ()
    if phrase.part == "tonight" and found != (today,):
        raise Unreadable(clue("said_twice", word=phrase.words["part"], first=_first_word(phrase)))
    return tuple(dict.fromkeys(found))


def _first_word(phrase: Phrase) -> str:
    return next(phrase.words[name] for name in ("day", "weekday", "week", "shift") if name in phrase.words)


# --- named days


def named_days(day: RelativeDay | CalendarDay, today: date, word: str) -> tuple[date, ...]:
    if isinstance(day, RelativeDay):
        return (today + timedelta(days=day.days),)
    if day.year is not None and day.month is not None:
        return (_date(day.year, day.month, day.day, word),)
    if day.month is not None:
        return _next_such(day.month, day.day, today, word)
    this = _date(today.year, today.month, day.day, word)
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if this > today:
        return (this,)
    after = _date(following.year, following.month, day.day, word)
    return (this, after) if this == today else (after,)


def _next_such(month: int, day: int, today: date, word: str) -> tuple[date, ...]:
    """Return the next 1 December; before it, the last one, where that is just over (nobody can mean it: it is asked)."""
    if _maybe(LEAP_YEAR, month, day) is None:
        raise Unreadable(clue("no_such_date", word=word))
    this = _maybe(today.year, month, day)
    if this is not None and this >= today:
        found, last = this, _maybe(today.year - 1, month, day)
    else:
        found, last = _date(today.year + 1, month, day, word), this
    if last is not None and today - last <= JUST_OVER:
        raise Unreadable(clue("just_over", word=word, at=last.isoformat(), next=found.isoformat()))
    return (found,)


def _maybe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date(year: int, month: int, day: int, word: str) -> date:
    found = _maybe(year, month, day)
    if found is None:
        raise Unreadable(clue("no_such_date", word=word, in_month=f"{year:04}-{month:02}"))
    return found


def _agreeing(phrase: Phrase, days: tuple[date, ...]) -> tuple[date, ...]:
    """Keep the days that are the weekday which was said as well. Raises Unreadable where none is."""
    if phrase.weekday is None:
        return days
    kept = tuple(day for day in days if day.weekday() == phrase.weekday.number)
    if not kept:
        raise Unreadable(
            clue(
                "weekday_mismatch",
                word=phrase.words["weekday"],
                day=phrase.words["day"],
                at=days[0].isoformat(),
            )
        )
    return kept


# --- weekdays and weeks


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _sunday(day: date) -> date:
    """Return the first day of a week that begins on Sunday."""
    return day - timedelta(days=(day.weekday() + 1) % WEEK)


def _in_week(day: date, number: int) -> tuple[date, ...]:
    """Return the weekday of a day's week, for people whose weeks begin on Monday and on Sunday."""
    return (_monday(day) + timedelta(days=number), _sunday(day) + timedelta(days=(number + 1) % WEEK))


def _coming(number: int, today: date, *, least: int = 0) -> date:
    first = today + timedelta(days=least)
    return first + timedelta(days=(number - first.weekday()) % WEEK)


def _weekdays(phrase: Phrase, weekday: Weekday, today: date) -> tuple[date, ...]:
    number = weekday.number
    if phrase.week is not None:
        found = _in_week(today + timedelta(days=WEEK * phrase.week), number)
        ahead = tuple(sorted(day for day in found if day >= today))
        if not ahead:
            raise Unreadable(clue("over", word=f"{phrase.words['weekday']} {phrase.words['week']}"))
        return ahead
    if weekday.which is Which.THIS:
        return (_coming(number, today),)
    if weekday.which is Which.NEXT:
        after = _coming(number, today, least=1)
        return tuple(sorted({after, *_in_week(today + timedelta(days=WEEK), number)} - {today}))
    if today.weekday() == number:
        return (today, today + timedelta(days=WEEK))
    return (_coming(number, today),)


def _days_of_week(week: int, today: date, word: str) -> tuple[date, ...]:
    """Return the working days of this week that are left, or of the next one."""
    monday = _monday(today) + timedelta(days=WEEK * week)
    days = (monday + timedelta(days=number) for number in range(SATURDAY))
    left = tuple(day for day in days if day >= today)
    if not left:
        raise Unreadable(clue("over", word=word))
    return left


# --- distances


def _shifted(phrase: Phrase, span: Span, today: date) -> tuple[date, ...]:
    if phrase.week is not None or (phrase.day is not None and not phrase.anchored):
        said = phrase.words.get("week") or phrase.words["day"]
        raise Unreadable(clue("said_twice", word=phrase.words["shift"], first=said))
    if (
        span.days > FARTHEST
        or span.workdays > FARTHEST
        or span.months > FARTHEST
        or span.minutes > FARTHEST * 1440
    ):
        raise Unreadable(clue("too_far", word=phrase.words["shift"]))
    if phrase.anchored:
        return tuple(add(anchor, span, phrase) for anchor in _anchors(phrase, today))
    if phrase.weekday is None:
        return (add(today, span, phrase),)
    if not span.whole_weeks or phrase.weekday.which is not Which.BARE:
        raise Unreadable(clue("said_twice", word=phrase.words["shift"], first=phrase.words["weekday"]))
    there, number = add(today, span, phrase), phrase.weekday.number
    coming = add(_coming(number, today), span, phrase)
    return tuple(sorted({*_in_week(there, number), coming}))


def _anchors(phrase: Phrase, today: date) -> tuple[date, ...]:
    if phrase.day is not None:
        return _agreeing(phrase, named_days(phrase.day, today, phrase.words["day"]))
    assert phrase.weekday is not None
    return _weekdays(phrase, phrase.weekday, today)


def add(day: date, span: Span, phrase: Phrase) -> date:
    """Return the day that is so far away; a month keeps the day's number. Raises Unreadable where it has none."""
    if span.months:
        months = day.month - 1 + span.months
        day = _date(day.year + months // 12, months % 12 + 1, day.day, phrase.words["shift"])
    day += timedelta(days=span.days)
    left = span.workdays
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day
