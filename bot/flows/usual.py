"""What is usual for a host at this hour, read from its history once an hour."""

from datetime import datetime, timedelta

from bot.domain.usual import DAYS, Bounds, bounds
from bot.ports import Services

MOST_KNOWN = 20_000


class Usual:
    """Answers for one host; what it reads is kept by the services for the hour."""

    def __init__(self, host: str, services: Services, *, now: datetime) -> None:
        self._host, self._services, self._now = host, services, now

    def __call__(self, name: str, service: str | None) -> Bounds | None:
        """Return what is usual for a reading, as rules call it; None where nothing is known yet."""
        named = f"{service}.{name.removeprefix('service.')}" if name.startswith("service.") else name
        known = self._services.usual
        key = (self._host, named, int(self._now.timestamp() // 3600))
        if key not in known:
            if len(known) > MOST_KNOWN:
                known.clear()
            known[key] = self._read(named)
        return known[key]

    def _read(self, name: str) -> Bounds | None:
        services, now = self._services, self._now
        points = services.history.points(self._host, since=now - timedelta(days=DAYS + 1), until=now)
        return bounds(points, name, now=now, zone=services.settings.timezone)
