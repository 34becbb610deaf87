"""The checks of the config, each at its own pace, beside the rounds: a slow one delays nobody but itself."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b

from bot.domain.checks import STALE_AFTER_TIMES, CheckReading
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.targets import Fleet
from bot.flows import checks
from bot.ports import Services

THREADS, MOST_OF_ONE = 8, 2
"""Checks at a time, in all and on one host."""
Key = tuple[str, str]
"""Host and check, or FRONT and service."""
FRONT = "front of"


@dataclass
class Turn:
    """One check of one host, or one front, between two asks."""

    key: Key
    every_s: float
    ask: Callable[[Services], CheckReading]
    due: float
    under_way: bool = False


class Checks:
    """`tick` starts what is due; `beside` adds what was said to a round."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="checks")
        self._lock = threading.Lock()
        self._fleet: Fleet | None = None
        self._turns: dict[Key, Turn] = {}
        self._busy: Counter[str] = Counter()
        """How many are under way, by host."""
        self._readings: dict[str, dict[str, CheckReading]] = {}

    def tick(self) -> None:
        now = self._services.clock.monotonic()
        with self._lock:
            self._keep_up(now)
            due = [turn for turn in self._turns.values() if turn.due <= now and self._takes(turn)]
        for turn in due:
            self._threads.submit(self._ask, turn)

    def _keep_up(self, now: float) -> None:
        """Have the checks of the fleet as it is now; one that is as it was keeps its turn."""
        settings = self._services.settings
        if settings.fleet is self._fleet:
            return
        self._fleet, before = settings.fleet, self._turns
        wanted = {
            (host.name, spec.name): (spec.every_s, partial(checks.ask, host, spec))
            for host in settings.fleet.hosts.values()
            for spec in settings.checks_on(host.name)
        } | {
            (FRONT, service.name): (settings.probes.interval_s, partial(checks.ask_front, service))
            for service in settings.fleet.services.values()
            if service.front is not None
        }
        self._turns = {}
        for key, (every_s, ask) in wanted.items():
            # spread over the first period, the same after every start
            share = int.from_bytes(blake2b("/".join(key).encode(), digest_size=4).digest()) / 2**32
            turn = before.get(key) or Turn(
                key=key, every_s=every_s, ask=ask, due=now + share * min(every_s, 10.0)
            )
            turn.every_s, turn.ask = every_s, ask
            self._turns[key] = turn

    def _takes(self, turn: Turn) -> bool:
        """Take a turn that is due, unless it or enough of its host are under way."""
        if turn.under_way or self._busy[turn.key[0]] >= MOST_OF_ONE:
            return False
        turn.under_way, turn.due = True, self._services.clock.monotonic() + turn.every_s
        self._busy[turn.key[0]] += 1
        return True

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

    def _ask(self, turn: Turn) -> None:
        place, name = turn.key
        try:
            reading = turn.ask(self._services)
            with self._lock:
                self._readings.setdefault(place, {})[name] = reading
        except Exception as error:  # noqa: BLE001 — the last boundary: one check must not end the others
            self._services.telemetry.failure("check failed", error, host=place, check=name)
        finally:
            with self._lock:
                turn.under_way = False
                self._busy[place] -= 1
