"""A phrase and a calendar: the moment that was meant, or the question to ask. Every guard is here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.clues import clue
from bot.domain.meetings.days import add, possible_days
from bot.domain.meetings.hours import OFFERED, OFFERED_IN, possible_times
from bot.domain.meetings.phrase import Phrase
from bot.domain.meetings.slot import Ask, Found, Option, Slot, Unreadable
from bot.domain.meetings.wall import gap, is_after, moments
from bot.domain.meetings.zones import called, named_zone, offset_called

FARTHEST = timedelta(days=365)
WEEK = 7
MOST_OPTIONS = 10
Wall = tuple[date, time]


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A phrase as seen from one moment; `zone` is the one that its clock shows, unless it says an offset."""

    phrase: Phrase
    now: datetime
    own: ZoneInfo
    zone: ZoneInfo
    default_minutes: int

    @property
    def wall_zone(self) -> tzinfo:
        return timezone(self.phrase.offset) if self.phrase.offset is not None else self.zone

    @property
    def abbreviation(self) -> str:
        return self.phrase.zone.abbreviation if self.phrase.zone else ""

    def slot(self, start: datetime) -> Slot:
        minutes = self.phrase.minutes
        return Slot(
            start=start,
            zone=self.zone.key,
            minutes=self.default_minutes if minutes is None else minutes,
            minutes_given=minutes is not None,
        )

    def moments(self, wall: Wall) -> tuple[datetime, ...]:
        """Return the moments that a wall clock means. Raises Unreadable where offset and zone contradict each other."""
        found = moments(*wall, self.wall_zone)
        if self.phrase.offset is not None:
            there = found[0].astimezone(self.zone)
            if self.phrase.zone is not None and there.utcoffset() != self.phrase.offset:
                raise Unreadable(
                    clue("offset_contradicts", word=self.phrase.words["zone"], zone=self.zone.key)
                )
            return (there,)
        if len(found) > 1 and self.abbreviation:
            return tuple(moment for moment in found if called(moment, self.abbreviation)) or found
        return found


def resolve(phrase: Phrase, *, now: datetime, own: ZoneInfo, default_minutes: int) -> Found:
    """Return the slot that a phrase means, or a question. Raises Unreadable."""
    zones = phrase.zone.zones if phrase.zone else (own,)
    questions = [
        _Question(phrase=phrase, now=now, own=own, zone=zone, default_minutes=default_minutes)
        for zone in zones
    ]
    if len(questions) == 1:
        return _answer(questions[0])
    slots: list[Slot] = []
    for question in questions:
        found = _answer(question)
        slots += [found] if isinstance(found, Slot) else [option.slot for option in found.options]
    return ask("which_zone", slots, word=phrase.words["zone"])


def _answer(question: _Question) -> Found:
    phrase = question.phrase
    if phrase.shift is not None and phrase.shift.minutes:
        return _absolute(question)
    days = _days(question)
    times = possible_times(phrase)
    if phrase.loose_number is not None:
        _refuse_day_number(phrase, question.now.astimezone(question.own).date(), phrase.loose_number)
    if not times and phrase.shift is not None and phrase.part is None:
        there = question.now.astimezone(question.wall_zone)
        times = (time(there.hour, there.minute),)
    if not days:
        return _next(question, times)
    if not times:
        return _time_missing(question, days)
    walls = [(day, at) for day in days for at in times]
    if phrase.clock is not None and phrase.clock.midnight:
        walls = _midnights(phrase, days)
    code = "which_day" if len(days) > 1 else "which_midnight" if len(times) == 1 else "am_or_pm"
    word = _word(phrase, "weekday", "day", "week", "shift") if len(days) > 1 else _word(phrase, "clock")
    return _settled(question, walls, code, word)


def _word(phrase: Phrase, *names: str) -> str:
    return next((phrase.words[name] for name in names if name in phrase.words), "")


def _days(question: _Question) -> tuple[date, ...]:
    """Return the days that may be meant: `tomorrow` is another day where the clock that was named stands."""
    found: list[date] = []
    trouble: Unreadable | None = None
    for zone in (question.own, question.wall_zone):
        try:
            found += possible_days(question.phrase, question.now.astimezone(zone).date())
        except Unreadable as unreadable:
            trouble = trouble or unreadable
    if trouble is not None and not found:
        raise trouble
    far = question.now.year + 2
    kept = [day for day in found if question.now.year - 2 <= day.year <= far]
    if found and not kept:
        code = "past" if found[0].year < question.now.year else "too_far"
        raise Unreadable(clue(code, at=found[0].isoformat(), word=_said(question.phrase)))
    return tuple(sorted(set(kept)))


def _midnights(phrase: Phrase, days: Sequence[date]) -> list[Wall]:
    """Midnight ends `today`; of any other day people may mean its beginning or its end."""
    ends = [(day + timedelta(days=1), time(0)) for day in days]
    today = phrase.part == "tonight" or phrase.words.get("day", "").lower() == "today"
    return ends if today else [*((day, time(0)) for day in days), *ends]


def _refuse_day_number(phrase: Phrase, today: date, number: int) -> None:
    """`fri 4` is four o'clock, unless a Friday the 4th is near. Raises Unreadable then."""
    assert phrase.weekday is not None
    for ahead in range(-WEEK, 2 * 31):
        day = today + timedelta(days=ahead)
        if day.day == number and day.weekday() == phrase.weekday.number:
            raise Unreadable(clue("hour_or_day", word=f"{phrase.words['weekday']} {number}", number=number))


# --- moments


def _absolute(question: _Question) -> Found:
    """Hours and minutes are absolute: no change of clocks makes `in 24 hours` anything else."""
    phrase, now = question.phrase, question.now.replace(second=0, microsecond=0)
    span = phrase.shift
    assert span is not None
    for name in ("clock", "part", "day", "weekday", "week"):
        if name in phrase.words:
            raise Unreadable(clue("said_twice", word=phrase.words[name], first=phrase.words["shift"]))
    starts: tuple[datetime, ...] = (now.astimezone(question.zone),)
    if not span.only_minutes:
        there = now.astimezone(question.zone)
        possible_days(phrase, there.date())  # too far is refused here
        wall = (add(there.date(), span, phrase), there.time())
        starts = question.moments(wall) or _no_such(question, wall)
    minutes = timedelta(minutes=span.minutes)
    if span.minutes > FARTHEST / timedelta(minutes=1) + 1:
        raise Unreadable(clue("too_far", word=phrase.words["shift"]))
    later = [(start.astimezone(UTC) + minutes).astimezone(question.zone) for start in starts]
    return _chosen(question, later, "which_of_two", phrase.words["shift"])


def _settled(question: _Question, walls: Sequence[Wall], code: str, word: str) -> Found:
    """Return the slot of the only wall clock, or ask which of several; what is over is nobody's answer.

    What clocks jump over, or lies too far away, may have been meant: then what is left is asked, even if it is one.
    """
    if len(walls) == 1:
        starts = question.moments(walls[0]) or _no_such(question, walls[0])
        if len(starts) > 1:
            return _chosen(question, starts, "which_of_two", _word(question.phrase, "clock"))
        return _chosen(question, starts, code, word)
    found = [question.moments(wall) for wall in walls]
    starts = tuple(start for moments in found for start in moments)
    if not starts:
        _no_such(question, walls[0])
    far = any(_trouble(question, start) == "too_far" for start in starts)
    return _chosen(question, starts, code, word, certain=all(found) and not far)


def _no_such(question: _Question, wall: Wall) -> tuple[datetime, ...]:
    before, after = gap(*wall, question.zone)
    raise Unreadable(
        clue("gap", at=f"{wall[1]:%H:%M}", day=wall[0].isoformat(), zone=question.zone.key,
             last=f"{before:%H:%M}", first=f"{after:%H:%M}")
    )  # fmt: skip


def _chosen(
    question: _Question, starts: Sequence[datetime], code: str, word: str, *, certain: bool = True
) -> Found:
    good = [start for start in starts if _trouble(question, start) is None]
    if not good:
        code = _trouble(question, starts[0]) or "past"
        raise Unreadable(
            clue(code, at=f"{starts[0]:%Y-%m-%d %H:%M}", zone=question.zone.key, word=_said(question.phrase))
        )
    if len(good) == 1 and certain:
        return _in_season(question, question.slot(good[0]))
    return ask(code, [question.slot(start) for start in good], word=word)


def _said(phrase: Phrase) -> str:
    return " ".join(
        phrase.words[name]
        for name in ("weekday", "day", "week", "part", "shift", "clock")
        if name in phrase.words
    )


def _trouble(question: _Question, start: datetime) -> str | None:
    if not is_after(start, question.now):
        return "past"
    if start.astimezone(UTC) - question.now.astimezone(UTC) > FARTHEST:
        return "too_far"
    return None


def _in_season(question: _Question, slot: Slot) -> Found:
    """Ask where PST is written of a summer's day: the clock there, or that far from UTC?"""
    word = question.abbreviation
    shift = question.phrase.shift
    if not word or called(slot.start, word) or (shift is not None and shift.minutes):
        return slot
    slots, offset = [slot], offset_called(question.zone, word)
    if offset is not None:
        literal = slot.start.replace(tzinfo=timezone(offset)).astimezone(question.zone)
        if _trouble(question, literal) is None:
            slots.append(replace(slot, start=literal))
    return ask("zone_season", slots, word=question.phrase.words["zone"])


def _next(question: _Question, times: Sequence[time]) -> Found:
    """Return the next such time of day; without any, ask when."""
    phrase = question.phrase
    if not times:
        return _part_missing(question) if phrase.part else _when_missing(question)
    starts: list[datetime] = []
    for at in times:
        starts += _next_of(question, at)
    return _chosen(
        question,
        sorted(starts, key=lambda start: start.astimezone(UTC)),
        _next_code(times),
        _word(phrase, "clock"),
    )


def _next_code(times: Sequence[time]) -> str:
    return "am_or_pm" if len(times) > 1 else "which_of_two"


def _next_of(question: _Question, at: time) -> list[datetime]:
    there = question.now.astimezone(question.wall_zone)
    for ahead in range(WEEK):
        wall = (there.date() + timedelta(days=ahead), at)
        found = [start for start in question.moments(wall) if is_after(start, question.now)]
        if found:
            return found
        if not question.moments(wall) and datetime.combine(*wall) > there.replace(tzinfo=None):
            _no_such(question, wall)
    return []


# --- questions


def ask(code: str, slots: Sequence[Slot], *, word: str = "") -> Ask:
    """Return the question which of these it shall be."""
    unique = {(slot.start.astimezone(UTC), slot.zone): slot for slot in slots}
    options = tuple(Option(slot=slot, text=typed_form(slot)) for slot in list(unique.values())[:MOST_OPTIONS])
    return Ask(code=code, word=word, options=options)


def typed_form(slot: Slot) -> str:
    """Return a phrase that means this slot whenever and wherever it is read."""
    zone = slot.start.tzinfo
    assert zone is not None
    wall = (slot.start.date(), slot.start.time().replace(fold=0))
    text = f"{slot.start:%Y-%m-%d %H:%M}"
    if len(moments(*wall, zone)) > 1:
        text = slot.start.isoformat(timespec="minutes")
    name = f" {slot.zone}" if named_zone(slot.zone) else ""
    return f"{text}{name}" + (f" for {slot.minutes}m" if slot.minutes_given else "")


def _time_missing(question: _Question, days: Sequence[date]) -> Found:
    """Ask for the time of a day that is known; some day of several is offered once or twice."""
    phrase = question.phrase
    times = OFFERED_IN[phrase.part] if phrase.part else OFFERED
    if len(days) > 1:
        times = times[1:2] if len(days) > 2 else times[1:4:2] or times
    slots = list(_offers(question, [(day, at) for day in days for at in times]))
    if not slots and not phrase.part:
        slots = list(_offers(question, [(days[0], time(hour)) for hour in range(17, 24)]))
    if not slots:
        starts = question.moments((days[0], times[-1]))
        code = _trouble(question, starts[0]) or "past" if starts else "past"
        raise Unreadable(clue(code, at=days[0].isoformat(), zone=question.zone.key, word=_said(phrase)))
    several = "which_day" if len(days) > 1 else "time_missing"
    return ask(several, slots, word=_word(phrase, "part", "week", "weekday", "day", "shift"))


def _offers(question: _Question, walls: Sequence[Wall]) -> Iterator[Slot]:
    for wall in walls:
        starts = question.moments(wall)
        if len(starts) == 1 and _trouble(question, starts[0]) is None:
            yield question.slot(starts[0])


def _part_missing(question: _Question) -> Found:
    assert question.phrase.part is not None
    today = question.now.astimezone(question.wall_zone).date()
    for ahead in range(WEEK):
        day = today + timedelta(days=ahead)
        slots = list(_offers(question, [(day, at) for at in OFFERED_IN[question.phrase.part]]))
        if slots:
            return ask("time_missing", slots, word=question.phrase.words["part"])
    raise Unreadable(
        clue("past", at=today.isoformat(), zone=question.zone.key, word=question.phrase.words["part"])
    )


def _when_missing(question: _Question) -> Found:
    """Ask for everything: two times on each of the next two working days. `2h` alone may be a distance: refused."""
    length = question.phrase.words.get("length", "")
    if length and not length.lower().startswith("for"):
        raise Unreadable(clue("distance_alone", word=length))
    today = question.now.astimezone(question.wall_zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(1, WEEK))
    working = [day for day in days if day.weekday() < WEEK - 2][:2]
    walls = [(day, at) for day in working for at in (time(10), time(14))]
    return ask("when_missing", list(_offers(question, walls)))
