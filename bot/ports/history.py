"""What was read over time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.history import Point
from bot.domain.observations import Observation


class History(Protocol):
    """What was read of each host over time: each round for a day, then rolled up for thirty."""

    def record(self, observations: Sequence[Observation]) -> None:
        """Keep these rounds; the newest may be lost where the process is killed. Raises StoreFault."""
        ...

    def flush(self) -> None:
        """Write what is still in memory. Raises StoreFault."""
        ...

    def points(self, host: str, *, since: datetime, until: datetime) -> list[Point]:
        """Return what is known of a host in a span, oldest first. Raises StoreFault."""
        ...

    def roll_up(self, *, now: datetime) -> None:
        """Roll up what is older than a day, remove what is older than thirty. Raises StoreFault."""
        ...


class NoHistory:
    """Fulfils History where none is kept."""

    def record(self, observations: Sequence[Observation]) -> None: ...
    def flush(self) -> None: ...

    def points(self, host: str, *, since: datetime, until: datetime) -> list[Point]:
        del host, since, until
        return []

    def roll_up(self, *, now: datetime) -> None: ...
