"""Phrases made from what they mean: the moment is chosen first, by arithmetic of its own, then written down in many ways."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONG_WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Case:
    """`moments` are in UTC: what the phrase may mean, whether or not it is over; none where clocks jump over it."""

    phrase: str
    now: datetime
    zone: ZoneInfo
    moments: tuple[datetime, ...]
    minutes: int | None


def when_clocks_show(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments by trying every offset that the zone has around that day."""
    naive = datetime.combine(day, at)
    noon = datetime.combine(day, time(12), UTC)
    offsets = {(noon + hours * HOUR).astimezone(zone).utcoffset() for hours in range(-40, 41, 4)}
    tried = {naive.replace(tzinfo=UTC) - offset for offset in offsets if offset is not None}
    return tuple(sorted(moment for moment in tried if moment.astimezone(zone).replace(tzinfo=None) == naive))


@cache
def changes(zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the hours of 2026 to 2029 in which a zone changes its clocks."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [first + number * HOUR for number in range(24 * 365 * 3 + 24 * 120)]
    return tuple(
        at for at in hours if at.astimezone(zone).utcoffset() != (at + HOUR).astimezone(zone).utcoffset()
    )


def interesting_nows(zone: ZoneInfo, random: Random) -> list[datetime]:
    found = []
    for change in changes(zone)[:5]:
        found += [
            change + hours * HOUR + timedelta(minutes=20)
            for hours in (-170, -50, -25, -12, -3, -1, 0, 1, 2, 5, 30)
        ]
    for day in (
        "2026-12-31",
        "2027-01-01",
        "2027-02-28",
        "2028-02-28",
        "2028-02-29",
        "2026-11-30",
        "2027-03-01",
    ):
        found += [
            datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=UTC)
            for hour in ("00:00", "09:13", "23:59:31")
        ]
    found += [
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(60 * 24 * 900))
        for _ in range(40)
    ]
    return found


class Writer:
    """Writes days and times down in the ways that people do."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def time(self, at: time) -> str:
        ways = [f"{at:%H:%M}"]
        twelve, half = (at.hour + 11) % 12 + 1, "am" if at.hour < 12 else "pm"
        ways += [
            f"{twelve}:{at.minute:02}{half}",
            f"{twelve}:{at.minute:02} {half}",
            f"{twelve}.{at.minute:02}{half}",
        ]
        if at.hour >= 8 or at.hour == 0:
            ways += [f"{at.hour}:{at.minute:02}"]
        if at.minute == 0:
            ways += [f"{twelve}{half}", f"{twelve} {half}"]
        if at.minute == 0 and at.hour >= 8:
            ways += [f"at {at.hour}"]
        if at == time(12):
            ways += ["noon"]
        text = self.random.choice(ways)
        return f"at {text}" if self.random.random() < 0.3 and not text.startswith("at") else text

    def date(self, day: date) -> str:
        month = self.random.choice((MONTHS[day.month - 1], LONG_MONTHS[day.month - 1]))
        suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
        ways = [
            f"{day:%Y-%m-%d}", f"{day.day}.{day.month}.{day.year}", f"{day:%d.%m.%Y}", f"{day.day} {month} {day.year}",
            f"{month} {day.day} {day.year}", f"{month} {day.day}, {day.year}", f"{day.day}{suffix} of {month} {day.year}",
            f"{month} {day.day}{suffix} {day.year}", f"{WEEKDAYS[day.weekday()]} {day.day} {month} {day.year}",
            f"{LONG_WEEKDAYS[day.weekday()]}, {month} {day.day}, {day.year}", f"{day:%Y/%m/%d}", f"{day.day}-{month}-{day.year}",
        ]  # fmt: skip
        if day.day > 12:
            ways += [f"{day.month}/{day.day}/{day.year}", f"{day:%d/%m/%Y}"]
        text = self.random.choice(ways)
        return f"on {text}" if self.random.random() < 0.2 else text

    def noise(self, text: str) -> str:
        change = self.random.randrange(7)
        if change == 0:
            return text.upper()
        if change == 1:
            return text.title()
        if change == 2:
            return f"  {text.replace(' ', '  ')} "
        if change == 3:
            return f"“{text}”"
        if change == 4:
            return text.replace(" ", "\u00a0")
        if change == 5:
            return f"{text}."
        return text


def cases(zone: ZoneInfo, count: int, seed: str) -> Iterator[Case]:
    random = Random(seed)
    nows, writer = interesting_nows(zone, random), Writer(random)
    for _ in range(count):
        now = random.choice(nows)
        phrase, moments = one(random, writer, now, zone)
        minutes = random.choice((None, None, 30, 45, 90))
        if minutes is not None:
            ways = [f" for {minutes}m", f" for {minutes} minutes"]
            if not phrase.startswith("in "):  # `in 2 days 30 min` may be 30 minutes later, too
                ways.append(f" {minutes} min")
            phrase += random.choice(ways)
        yield Case(phrase=writer.noise(phrase), now=now, zone=zone, moments=moments, minutes=minutes)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a phrase is made from."""

    random: Random
    writer: Writer
    now: datetime
    zone: ZoneInfo
    at: time

    @property
    def there(self) -> datetime:
        return self.now.astimezone(self.zone).replace(second=0, microsecond=0, tzinfo=None)

    @property
    def today(self) -> date:
        return self.there.date()

    def written(self, day: str) -> str:
        """Return day and time in either order."""
        at = self.writer.time(self.at)
        return f"{day} {at}" if self.random.random() < 0.7 else f"{at} {day}"

    def shown(self, day: date) -> tuple[datetime, ...]:
        return when_clocks_show(day, self.at, self.zone)


Made = tuple[str, tuple[datetime, ...]]


def one(random: Random, writer: Writer, now: datetime, zone: ZoneInfo) -> Made:
    """Return a phrase and the moments that it may mean."""
    minute = random.choice((0, 0, 0, 15, 30, 45, random.randrange(60)))
    at = time(random.choice((*range(24), 1, 2, 2, 3)), minute)
    return random.choice(MAKERS)(Scene(random=random, writer=writer, now=now, zone=zone, at=at))


def bare_time(scene: Scene) -> Made:
    text = scene.writer.time(scene.at)
    bare = text.removeprefix("at ")
    return text if bare.isdigit() else bare, next_such(scene.at, scene.now, scene.zone)


def relative(scene: Scene) -> Made:
    names = (
        (0, "today"),
        (1, "tomorrow"),
        (1, "tmrw"),
        (2, "day after tomorrow"),
        (2, "the day after tomorrow"),
    )
    ahead, name = scene.random.choice(names)
    return scene.written(name), scene.shown(scene.today + timedelta(days=ahead))


def in_days(scene: Scene) -> Made:
    days = scene.random.randrange(1, 300)
    unit = f"in {days} day{'s' if days > 1 else ''}"
    if days % 7 == 0:
        unit = f"in {days // 7} week{'s' if days > 7 else ''}"
    return f"{unit} {with_at(scene.writer.time(scene.at))}", scene.shown(scene.today + timedelta(days=days))


def same_clock(scene: Scene) -> Made:
    days = scene.random.choice((1, 7, 14, 28))
    moments = when_clocks_show(scene.today + timedelta(days=days), scene.there.time(), scene.zone)
    return f"in {days} days" if days > 1 else "in a day", moments


def without_year(scene: Scene) -> Made:
    day = scene.today + timedelta(days=scene.random.randrange(1, 300))
    phrase = scene.random.choice(
        (f"{day.day} {MONTHS[day.month - 1]}", f"{LONG_MONTHS[day.month - 1]} {day.day}")
    )
    return scene.written(phrase), scene.shown(day)


def elsewhere(scene: Scene) -> Made:
    day = scene.today + timedelta(days=scene.random.randrange(-20, 390))
    names = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC", "Asia/Kolkata")
    other = ZoneInfo(scene.random.choice(names))
    phrase = f"{scene.writer.date(day)} {scene.writer.time(scene.at)} {other.key}"
    return phrase, when_clocks_show(day, scene.at, other)


def full(scene: Scene) -> Made:
    """A whole date, on most of them clocks change."""
    random, day = scene.random, scene.today + timedelta(days=scene.random.randrange(-20, 390))
    ahead = [change for change in changes(scene.zone) if scene.now < change < scene.now + timedelta(days=360)]
    if ahead and random.random() < 0.6:
        day = random.choice(ahead).astimezone(scene.zone).date()
        at = time(random.choice((1, 1, 2, 2, 3, 12)), random.choice((0, 15, 29, 30, 45)))
        scene = replace(scene, at=at)
    return scene.written(scene.writer.date(day)), scene.shown(day)


def weekday(scene: Scene) -> Made:
    """A weekday that is not today's: today's is asked or a week away, as the table has it."""
    day = scene.today + timedelta(days=scene.random.randrange(1, 7))
    name = scene.random.choice((WEEKDAYS[day.weekday()], LONG_WEEKDAYS[day.weekday()]))
    return scene.written(scene.random.choice((name, f"on {name}", f"this {name}"))), scene.shown(day)


def with_at(text: str) -> str:
    return text if text.startswith("at ") else f"at {text}"


def absolute(scene: Scene) -> Made:
    random = scene.random
    hours, minutes = random.randrange(0, 80), random.randrange(1, 60)
    length = timedelta(hours=hours, minutes=minutes)
    phrase = random.choice(
        (f"in {hours}h{minutes}m", f"in {hours} hours {minutes} minutes", f"in {hours}h {minutes}m",
         f"in {hours} hours and {minutes} minutes")
    )  # fmt: skip
    return phrase, (scene.now.replace(second=0, microsecond=0) + length,)


def next_such(at: time, now: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the next moments at which clocks show it; none where they would have, and jump over it."""
    there = now.astimezone(zone).replace(tzinfo=None)
    for ahead in range(3):
        day = there.date() + timedelta(days=ahead)
        moments = when_clocks_show(day, at, zone)
        future = tuple(moment for moment in moments if moment > now)
        if future:
            return future
        if not moments and datetime.combine(day, at) > there:
            return ()
    raise AssertionError("every clock shows every time within three days, or jumps over it")


MAKERS = (absolute, bare_time, relative, in_days, weekday, without_year, same_clock, elsewhere, full, full)
