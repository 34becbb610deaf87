"""What is usual for a host at this hour: from what was read on the days before, robust to days on which all was wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from statistics import median

from bot.domain.history import Point, lower_is_worse, value_at

DAYS, LEAST_DAYS = 28, 5
"""So many days are looked back, and with fewer than that nothing is usual yet."""
AROUND = timedelta(hours=1)
"""How far from this time of day a reading of another day may be."""
A_DAY = timedelta(days=1)
SIGMAS, MAD_TO_SIGMA = 5.0, 1.4826
"""For a normal distribution 1.4826 × the median absolute deviation is one sigma."""
LEAST_SHARE = 0.5
"""What differs by less than half of what is usual is not unusual, however quiet the days were."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is usual: up to `high`, or down to `low` where less is worse. `days` is how many days say so."""

    low: float
    high: float
    days: int

    def is_unusual(self, value: float, name: str) -> bool:
        return value < self.low if lower_is_worse(name) else value > self.high


def bounds(points: Iterable[Point], name: str, *, now: datetime, zone: tzinfo) -> Bounds | None:
    """Return what is usual for a reading at this time of day; None where too few days tell.

    Each day counts once, by its worst reading within AROUND; the median of the days and their median absolute deviation
    say the rest, so that a week of outages among four changes nothing. Today does not count.
    """
    by_day = _by_day(points, name, now=now, zone=zone)
    if len(by_day) < LEAST_DAYS:
        return None
    worst = [(min if lower_is_worse(name) else max)(values) for values in by_day.values()]
    middle = median(worst)
    deviation = MAD_TO_SIGMA * median(abs(one - middle) for one in worst)
    room = max(SIGMAS * deviation, LEAST_SHARE * abs(middle))
    return Bounds(low=middle - room, high=middle + room, days=len(worst))


def _by_day(
    points: Iterable[Point], name: str, *, now: datetime, zone: tzinfo
) -> Mapping[int, Sequence[float]]:
    """Return the readings near this time of day, by how many days ago they were; the wall clock of `zone` counts."""
    here = now.astimezone(zone)
    found: dict[int, list[float]] = {}
    for one in points:
        value = value_at(one, name)
        if value is None:
            continue
        there = datetime.fromtimestamp(one.at, zone)
        apart = here.replace(tzinfo=None) - there.replace(tzinfo=None)
        days = round(apart / A_DAY)
        if 1 <= days <= DAYS and abs(apart - days * A_DAY) <= AROUND:
            found.setdefault(days, []).append(value)
    return found
