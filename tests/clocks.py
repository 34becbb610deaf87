"""What tests put in place of the world's clock and log."""

import time
from datetime import UTC, datetime, timedelta


class RealClock:
    """Fulfils ports.Clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class HandClock:
    """A clock that goes on when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def go_on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


class QuietTelemetry:
    """Fulfils ports.Telemetry; keeps what went wrong for a test to look at."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.failures: list[tuple[str, BaseException]] = []
        self.counted: list[tuple[str, dict[str, str]]] = []
        self.observed: list[tuple[str, float]] = []

    def event(self, name: str, **facts: object) -> None:
        self.events.append((name, facts))

    def failure(self, name: str, error: BaseException, **facts: object) -> None:
        del facts
        self.failures.append((name, error))

    def count(self, metric: str, **labels: str) -> None:
        self.counted.append((metric, labels))

    def observe(self, metric: str, value: float) -> None:
        self.observed.append((metric, value))
