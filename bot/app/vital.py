"""Who watches the bot: systemd's watchdog and a dead man's switch, both fed by rounds that were committed and nothing else."""

import os
import socket
import time
from collections.abc import Callable, Mapping

from bot.domain.settings import Deadman
from bot.ports import Services

WATCHDOG_MARGIN_S = 60.0
"""How long after its latest round is due a bot still counts as alive: it may have waited for a locked database."""


class Progress:
    """How far the rounds are: a look at a counter that only a committed round moves."""

    def __init__(self, services: Services, committed: Callable[[], int], lag: Callable[[], float]) -> None:
        self._services, self._committed, self._lag = services, committed, lag
        self._seen, self._moved_at = committed(), services.clock.monotonic()

    @property
    def count(self) -> int:
        return self._committed()

    def is_well(self) -> bool:
        """Whether the beats come and rounds are committed: at least one within an interval and a margin."""
        now, count = self._services.clock.monotonic(), self._committed()
        if count != self._seen:
            self._seen, self._moved_at = count, now
        settings = self._services.settings
        if self._lag() > WATCHDOG_MARGIN_S:
            return False
        if not settings.probes.enabled or not settings.fleet.hosts:
            return True
        return now - self._moved_at < settings.probes.interval_s + WATCHDOG_MARGIN_S


class Awake:
    """How long this process did nothing at a stretch, stopped or on a machine that slept, by a clock that counts that too."""

    def __init__(
        self, clock_s: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    ) -> None:
        self._clock_s = clock_s
        self._at = clock_s()

    def gap_s(self) -> float:
        """Return the seconds since it was asked last; to be asked about once a second."""
        before, self._at = self._at, self._clock_s()
        return self._at - before


class Watchdog:
    """Tells systemd that we are there (sd_notify(3)), as far as it asked to be told."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        wanted = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        self.every_s = int(wanted) / 1e6 / 3 if wanted.isdigit() and ours else None
        """How often it is fed; None: systemd does not ask for it."""

    def tell(self, state: str) -> None:
        """Send a state such as READY=1; nothing where nobody listens."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            try:
                out.sendto(state.encode(), address)
            except OSError:
                return


class DeadmanSwitch:
    """Asks for an address after rounds that were committed. `ask`: does it, and raises where it is not heard."""

    def __init__(self, deadman: Deadman, progress: Progress, ask: Callable[[str], None]) -> None:
        self._deadman, self._progress, self._ask = deadman, progress, ask
        self._asked_at = -1

    def beat(self) -> None:
        """Ask once, if a round was committed since the last time."""
        count = self._progress.count
        if count in (0, self._asked_at):
            return
        self._ask(self._deadman.url)
        self._asked_at = count
