"""What is worth saying about a slot before it is booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.clues import Clue, clue
from bot.domain.meetings.slot import Slot

SOON = timedelta(minutes=15)
SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """When people may be asked to meet, by their own clocks; `days` are those of `datetime.weekday`."""

    opens: time = time(8)
    closes: time = time(18)
    days: frozenset[int] = frozenset(range(SATURDAY))


def concerns(
    slot: Slot, *, now: datetime, zones: Mapping[str, ZoneInfo], hours: WorkingHours | None = None
) -> tuple[Clue, ...]:
    """Return the doubts: too soon, on a weekend, outside somebody's working hours. `zones` are people's, by their names.

    Somebody whose day is no working day is told of once, not for the hour as well.
    """
    working = hours or WorkingHours()
    found: list[Clue] = []
    left = slot.start.astimezone(UTC) - now.astimezone(UTC)
    if left < SOON:
        found.append(clue("starts_soon", minutes=int(left / timedelta(minutes=1))))
    if slot.start.weekday() >= SATURDAY:
        found.append(clue("weekend", day=slot.start.date().isoformat()))
    for who, zone in zones.items():
        start, end = slot.start.astimezone(zone), slot.end.astimezone(zone)
        if start.weekday() not in working.days:
            if start.weekday() != slot.start.weekday() or start.weekday() < SATURDAY:
                found.append(
                    clue("day_off", who=who, at=f"{start:%H:%M}", day=start.date().isoformat(), zone=zone.key)
                )
        elif start.date() != end.date() or not working.opens <= start.time() or end.time() > working.closes:
            found.append(clue("outside_hours", who=who, at=f"{start:%H:%M}", zone=zone.key))
    return tuple(found)
