"""Wall clocks and moments: a time may not exist on a day, or exist twice."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def moments(day: date, at: time, zone: tzinfo) -> tuple[datetime, ...]:
    """Return the moments at which clocks in a zone show that time: none in a gap, two where clocks go back."""
    naive = datetime.combine(day, at)
    found: list[datetime] = []
    for fold in (0, 1):
        aware = naive.replace(tzinfo=zone, fold=fold)
        there = aware.astimezone(UTC).astimezone(zone)
        same = there.replace(tzinfo=None, fold=0) == naive
        if same and all(there.utcoffset() != other.utcoffset() for other in found):
            found.append(there)
    return tuple(found)


def gap(day: date, at: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the last minute before a gap that holds this time, and the first one after it."""
    naive = datetime.combine(day, at)
    before = naive
    while not moments(before.date(), before.time(), zone):
        before -= timedelta(minutes=1)
    after = naive
    while not moments(after.date(), after.time(), zone):
        after += timedelta(minutes=1)
    return moments(before.date(), before.time(), zone)[0], moments(after.date(), after.time(), zone)[0]


def is_after(first: datetime, second: datetime) -> bool:
    """Compare as moments: within one zone Python would compare the wall clocks."""
    return first.astimezone(UTC) > second.astimezone(UTC)
