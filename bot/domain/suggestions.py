"""When people could meet: which times suit them, by each one's own clock."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.settings import ReviewPolicy

STEP = timedelta(minutes=30)
NOTICE = timedelta(hours=2)
"""Nobody is asked to come sooner than this."""
APART = timedelta(hours=4)
LONGEST_SEARCH = timedelta(days=14)


class Misfit(StrEnum):
    """Why a time does not suit somebody."""

    WEEKEND = "weekend"
    HOURS = "hours"


def misfit(start: datetime, minutes: int, zone: ZoneInfo, policy: ReviewPolicy) -> Misfit | None:
    """Return why a meeting is not within working hours by the clock of `zone`, None where it is."""
    begins = start.astimezone(zone)
    ends = (start + timedelta(minutes=minutes)).astimezone(zone)
    if begins.weekday() not in policy.days:
        return Misfit.WEEKEND
    if begins.date() != ends.date() or begins.time() < policy.opens or ends.time() > policy.closes:
        return Misfit.HOURS
    return None


def suggestions(
    *,
    now: datetime,
    until: datetime,
    minutes: int,
    zones: Sequence[ZoneInfo],
    home: ZoneInfo,
    policy: ReviewPolicy,
    taken: Collection[datetime] = (),
    count: int = 3,
) -> list[datetime]:
    """Return up to `count` starts in UTC, earliest first, hours apart and on working days of `home`.

    The best by everybody's working hours before `until` is one of them; the others are the best of the next two weeks.
    `taken` is what did not suit already.
    """

    def suits(at: datetime) -> tuple[int, datetime]:
        return sum(misfit(at, minutes, zone, policy) is not None for zone in zones), at

    possible = [
        at
        for at in _candidates(now + NOTICE, max(until, now + LONGEST_SEARCH))
        if misfit(at, minutes, home, policy) is None and all(abs(at - other) >= APART for other in taken)
    ]
    found: list[datetime] = []
    for at in (*sorted((at for at in possible if at <= until), key=suits)[:1], *sorted(possible, key=suits)):
        if len(found) < count and all(abs(at - other) >= APART for other in found):
            found.append(at)
    return sorted(found)


def _candidates(since: datetime, until: datetime) -> list[datetime]:
    """Return every half hour between two moments."""
    seconds = STEP.total_seconds()
    first = datetime.fromtimestamp(-(-since.timestamp() // seconds) * seconds, since.tzinfo)
    found = []
    while first <= until:
        found.append(first)
        first += STEP
    return found
