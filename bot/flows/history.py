"""A host's readings over time, with what happened meanwhile."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain import history
from bot.domain.history import Point, Series
from bot.domain.messages import Message
from bot.domain.targets import HostSpec, Target
from bot.domain.timeline import Entry, EventKind
from bot.ports import Services
from bot.present import history as words

WIDTH, NARROW = 48, 24
MOST_MARKS = 9
MARKED = (
    EventKind.FIRED, EventKind.REOPENED, EventKind.RESOLVED, EventKind.INSPECTED, EventKind.ACT_DONE,
    EventKind.ACT_RELAPSED, EventKind.DEPLOYED, EventKind.NOTED, EventKind.INCIDENT_OPENED,
)  # fmt: skip
NEW_S = 300.0


def chart(host: HostSpec, word: str | None, services: Services, *, seconds: float) -> Message:
    """Return the chart of the reading that `word` means; without one, all readings in a line each. Raises UnknownName."""
    until = services.clock.now()
    since = until - timedelta(seconds=seconds)
    points = [*services.history.points(host.name, since=since, until=until), *_newest(host, services, until)]
    zone = services.settings.timezone
    if not points:
        return words.nothing(host.name, since=since, now=until, zone=zone)
    names = history.names_in(points)
    if word is None:
        rows = [history.series(points, name, since=since, until=until, width=NARROW) for name in names]
        return words.overview(host.name, [one for one in rows if one.peak is not None], now=until, zone=zone)
    name = history.meant(word, names, host.services, host=host.name)
    found = history.series(points, name, since=since, until=until, width=WIDTH)
    return words.chart(
        host.name, found, marks(host, services, since=since, until=until), now=until, zone=zone
    )


def _newest(host: HostSpec, services: Services, now: datetime) -> Sequence[Point]:
    """Return the last round as it is stored: another process's history has not written it yet."""
    seen = services.store.observations().get(host.name)
    if seen is None or (now - seen.at).total_seconds() > NEW_S:
        return ()
    return (history.point(seen),)


def marks(host: HostSpec, services: Services, *, since: datetime, until: datetime) -> list[Entry]:
    """Return what happened to a host and its services, the newest of it where that is much."""
    events = services.store.events(since=since, until=until, targets=[Target(host=host.name)])
    shown = [one for one in events if one.kind in MARKED and not one.kept_quiet]
    shown.sort(key=lambda one: one.at)
    return [Entry(event=one) for one in shown[-MOST_MARKS:]]


def of_incident(
    hosts: Sequence[HostSpec], wanted: Sequence[str], services: Services, *, since: datetime, until: datetime
) -> list[tuple[str, Series]]:
    """Return the readings of some hosts that a report shows, as far as there are any: by host, the wanted ones in order."""
    found = []
    for host in hosts:
        points = services.history.points(host.name, since=since, until=until)
        names = history.names_in(points)
        for name in wanted:
            if name in names:
                one = history.series(points, name, since=since, until=until, width=WIDTH)
                found += [(host.name, one)] if one.peak is not None else []
    return found
