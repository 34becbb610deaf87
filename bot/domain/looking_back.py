"""What many rounds tell of a service that one does not: it fails now and then, or a part of its workers is stuck."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.observations import Observation, ServiceReading, ServiceState
from bot.domain.partial import Strain, asked_with, flickers, stuck

FORGOTTEN_AFTER = timedelta(minutes=15)
"""What was seen before a longer gap says nothing of now."""


def remembered(seen: Observation | None, service: str, *, at: datetime) -> ServiceReading | None:
    """Return the reading before, if it is not too old to say anything."""
    near = seen is not None and timedelta() <= at - seen.at <= FORGOTTEN_AFTER
    return seen.services.get(service) if seen is not None and near else None


def with_history(
    reading: ServiceReading,
    before: ServiceReading | None,
    *,
    strains: Sequence[Strain],
    asked: bool,
    at: datetime,
) -> ServiceReading:
    """Return a reading with what the rounds before add to it; `asked`: whether its health URL was."""
    reading = replace(reading, asked=_asked(reading, before) if asked else (), strains=tuple(strains))
    if reading.state is not ServiceState.ANSWERING:
        return reading
    if flickers(reading.asked):
        why = f"{reading.asked.count(False)}_of_{len(reading.asked)}_failed"
    elif long := stuck(reading.strains, at=at):
        why = f"worker_{long[0].pid}_stuck"
    else:
        return reading
    return replace(reading, state=ServiceState.DEGRADED, reason=why)


def _asked(reading: ServiceReading, before: ServiceReading | None) -> tuple[bool, ...]:
    """Return how the last asks went; what was asked of other processes is forgotten. What has answered does not start."""
    same = before is not None and (set(before.pids) & set(reading.pids) or not (before.pids or reading.pids))
    kept = before.asked if before and same else ()
    if reading.state in (ServiceState.ANSWERING, ServiceState.SILENT):
        return asked_with(kept, reading.state is ServiceState.ANSWERING)
    return asked_with(kept, False) if reading.state is ServiceState.STARTING and any(kept) else ()
