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
