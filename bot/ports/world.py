"""Time, ids and the log."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the time in UTC, aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        ...


class Network(Protocol):
    def is_up(self) -> bool:
        """Return whether this machine's own network works, as far as that can be told within seconds."""
        ...


class AnyNetwork:
    """The network of a bot that cannot tell: it counts as up."""

    def is_up(self) -> bool:
        return True


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """Return a new id such as `alr_7f3k…`: sortable by time within a prefix, not guessable."""
        ...


class Telemetry(Protocol):
    def event(self, name: str, **facts: object) -> None:
        """Log one structured event; secrets are redacted."""
        ...

    def failure(self, name: str, error: BaseException, **facts: object) -> None:
        """Log what went wrong, with its traceback, and go on."""
        ...

    def count(self, metric: str, **labels: str) -> None:
        """Count one more of what `bot/web/metrics.py` lists under COUNTERS."""
        ...

    def observe(self, metric: str, value: float) -> None:
        """Note one measurement, in seconds, of what it lists under HISTOGRAMS."""
        ...
