"""When a host that could not be reached may be dialled again."""

import random
import time

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome

AUTH_BACKOFF_S = 300.0
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 1.0, 15.0


class HostBusy(HostFailure):
    """The host turned us away because of its own limits (MaxStartups, MaxSessions); it is up."""

    def __init__(self, why: str) -> None:
        super().__init__(ProbeOutcome.ERROR, f"busy: {why}")


class Patience:
    """When a round may dial again. The first failure costs nothing, later ones wait longer and longer.

    A refused login waits five minutes, so that no account is locked by us; a person's question never waits.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0
        self._last: HostFailure | None = None

    def check(self) -> None:
        """Raise the last failure again, as long as it is too early to ask."""
        if self._last is not None and time.monotonic() < self._until:
            raise HostFailure(self._last.outcome, self._last.reason)

    def failed(self, failure: HostFailure) -> None:
        if isinstance(failure, HostBusy):
            return
        self._failures += 1
        self._last = failure
        pause = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(self._failures - 2, 10))
        if failure.outcome is ProbeOutcome.AUTH_FAILED:
            pause = AUTH_BACKOFF_S
        elif self._failures == 1:
            pause = 0.0
        self._until = time.monotonic() + pause * random.uniform(0.8, 1.2)  # noqa: S311 — jitter, no secret

    def succeeded(self) -> None:
        self._failures, self._until, self._last = 0, 0.0, None
