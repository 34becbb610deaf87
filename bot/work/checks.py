"""The checks of the config, each at its own pace, beside the rounds: a slow one delays nobody but itself."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b

from bot.domain.checks import STALE_AFTER_TIMES, CheckReading
from bot.domain.observations import Observation, ProbeOutcome
from bot.flows import checks
from bot.ports import Services

THREADS, MOST_OF_ONE = 8, 2
"""Checks at a time, in all and on one host."""
Key = tuple[str, str]
"""Host and check, or FRONT and service."""
FRONT = "front of"


@dataclass
class Turn:
    due: float
    under_way: bool = False


class Checks:
    """`tick` starts what is due; `beside` adds what was said to a round."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="checks")
        self._lock = threading.Lock()
        self._turns: dict[Key, Turn] = {}
        self._readings: dict[str, dict[str, CheckReading]] = {}

    def tick(self) -> None:
        settings, now = self._services.settings, self._services.clock.monotonic()
        for host in settings.fleet.hosts.values() if settings.checks else ():
            for spec in settings.checks_on(host.name):
                if self._is_due((host.name, spec.name), spec.every_s, now):
                    self._threads.submit(self._ask, (host.name, spec.name), partial(checks.ask, host, spec))
        for service in settings.fleet.services.values():
            if service.front is not None and self._is_due(
                (FRONT, service.name), settings.probes.interval_s, now
            ):
                self._threads.submit(self._ask, (FRONT, service.name), partial(checks.ask_front, service))

    def beside(self, observation: Observation) -> Observation:
        """Return a round with the newest readings beside it; a host that is not seen has none."""
        if observation.outcome is not ProbeOutcome.OK:
            return observation
        with self._lock:
            found: Mapping[str, CheckReading] = dict(self._readings.get(observation.host, {}))
            fronts: Mapping[str, CheckReading] = dict(self._readings.get(FRONT, {}))
        if not found and not fronts:
            return observation
        fresh = checks.fresh(found, observation.host, self._services, now=observation.at)
        observation = checks.beside(observation, fresh)
        host = self._services.settings.fleet.hosts.get(observation.host)
        if host is None or not fronts:
            return observation
        shown = {
            one.name: fronts[one.name]
            for one in checks.fronts_of(host, self._services)
            if one.name in fronts and self._is_new(fronts[one.name], observation.at)
        }
        return checks.with_fronts(observation, shown)

    def _is_new(self, reading: CheckReading, at: datetime) -> bool:
        interval_s = self._services.settings.probes.interval_s
        return at - reading.at <= timedelta(seconds=max(30.0, interval_s * STALE_AFTER_TIMES))

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _is_due(self, key: Key, every_s: float, now: float) -> bool:
        with self._lock:
            turn = self._turns.get(key)
            if turn is None:  # spread over the first period, the same after every start
                share = int.from_bytes(blake2b("/".join(key).encode(), digest_size=4).digest()) / 2**32
                turn = self._turns[key] = Turn(due=now + share * min(every_s, 10.0))
            if turn.under_way or turn.due > now or self._under_way(key[0]) >= MOST_OF_ONE:
                return False
            turn.under_way, turn.due = True, now + every_s
            return True

    def _under_way(self, host: str) -> int:
        return sum(1 for (one, _), turn in self._turns.items() if one == host and turn.under_way)

    def _ask(self, key: Key, ask: Callable[[Services], CheckReading]) -> None:
        try:
            reading = ask(self._services)
            with self._lock:
                self._readings.setdefault(key[0], {})[key[1]] = reading
        except Exception as error:  # noqa: BLE001 — the last boundary: one check must not end the others
            self._services.telemetry.failure("check failed", error, host=key[0], check=key[1])
        finally:
            with self._lock:
                self._turns[key].under_way = False
