"""Who is looked at when. Hosts answer in their own time; what has come by then is judged together, by one thread."""

import threading
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.domain.errors import StoreFault
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.rounds import Trouble, bad_in, next_due
from bot.domain.targets import Fleet, ServiceSpec
from bot.flows import watch
from bot.ports import Ask, Sample, Services
from bot.work.checks import Checks

MOST_TOGETHER = 64
LONGEST_NAP_S, GATHERS_S = 1.0, 1.0
"""What comes within so short a time is judged in one transaction; what looks bad is not waited for."""
STOPS_WITHIN_S = 15.0
UNREAD = frozenset(("unread",))
"""What is bad of a round of which nothing could be read."""


@dataclass
class Watched:
    """One host between its rounds."""

    specs: Sequence[ServiceSpec]
    due: float
    under_way: bool = False
    started: float = 0.0
    whole_at: float = float("-inf")
    previous: Sample | None = None
    """Its last whole sample."""
    seen: Observation | None = None
    """Its newest observation with outcome `ok`."""
    trouble: Trouble = field(default_factory=Trouble)


class Rounds:
    """Starts the rounds that are due; one at a time per host, so that a sick host only ever delays itself."""

    def __init__(
        self, services: Services, *, checks: Checks | None = None, gathers_s: float = GATHERS_S
    ) -> None:
        self._services, self._checks, self._gathers_s = services, checks, gathers_s
        self._fleet: Fleet | None = None
        self._hosts: dict[str, Watched] = {}
        self._lock = threading.Lock()
        self._keep_up()
        self._came: deque[Sample] = deque()
        self._bell, self._urgent = threading.Event(), threading.Event()
        self._stopped = False
        self._remembers = False
        self._alerted: Collection[str] = ()
        self.committed = 0
        """How many times rounds were judged and stored; only ever more."""
        self._judge = threading.Thread(target=self._run, name="judge", daemon=True)

    @property
    def under_way(self) -> set[str]:
        """The hosts that are being looked at."""
        with self._lock:
            return {name for name, one in self._hosts.items() if one.under_way}

    def tick(self) -> None:
        """Start what is due now."""
        now = self._services.clock.monotonic()
        self._keep_up()
        with self._lock:
            due = [name for name, one in self._hosts.items() if one.due <= now and not one.under_way]
            for name in due:
                self._hosts[name].under_way = True
                self._hosts[name].started = now
        if not due:
            return
        if not self._remembers:  # what the rounds before a restart saw goes on
            for name, seen in self._services.store.observations().items():
                if name in self._hosts and seen.outcome is ProbeOutcome.OK:
                    self._hosts[name].seen = seen
            self._remembers = True
            self._judge.start()
        for name in due:
            self._begin(name, self._wish(name, now))

    def _keep_up(self) -> None:
        """Have the hosts of the settings as they are now; one that is as it was goes on where it is."""
        fleet, policy = self._services.settings.fleet, self._services.settings.probes
        if fleet is self._fleet:
            return
        before, now = self._hosts, self._services.clock.monotonic()
        hosts = {}
        for name, spec in fleet.hosts.items():
            specs = fleet.services_on(spec)
            known = before.get(name)
            if known is None or known.specs != specs:
                due = next_due(name, policy=policy, last_started=None, last_bad=False, now=now)
                known = Watched(specs=specs, due=due)
            hosts[name] = known
        with self._lock:
            self._hosts, self._fleet = hosts, fleet

    def _wish(self, name: str, now: float) -> Ask:
        one, alerted = self._hosts[name], name in self._alerted
        if one.trouble.what or one.previous is None:
            return Ask(services=one.specs)
        return watch.what_to_ask(
            one.specs, one.seen, age_s=now - one.whole_at, alerted=alerted, services=self._services
        )

    def _begin(self, name: str, ask: Ask) -> None:
        try:
            self._services.hosts.begin(name, ask, self._arrived)
        except Exception as error:  # noqa: BLE001 — the last boundary: one host's round must not end the others'
            self._services.telemetry.failure("round failed", error, host=name)
            self._over(name, bad=UNREAD)

    def _arrived(self, sample: Sample) -> None:
        self._came.append(sample)
        if sample.outcome is not ProbeOutcome.OK or any(one.problem for one in sample.answers.values()):
            self._urgent.set()
        self._bell.set()

    # --- the thread that judges

    def _run(self) -> None:
        while not self._stopped:
            if self._bell.wait(LONGEST_NAP_S) and len(self._hosts) > 1:
                self._urgent.wait(self._gathers_s)
            self._bell.clear()
            self._urgent.clear()
            while self._came:
                self._take([self._came.popleft() for _ in range(min(len(self._came), MOST_TOGETHER))])

    def _take(self, samples: Sequence[Sample]) -> None:
        observations = [found for sample in samples if (found := self._read(sample)) is not None]
        if not observations:
            return
        try:
            self._alerted = watch.judge_rounds(observations, self._services)
            self.committed += 1
        except (
            StoreFault
        ) as error:  # nobody's own: each would meet it again, or be judged twice where it was kept
            self._services.telemetry.failure("round failed", error, hosts=len(observations))
        except Exception:  # noqa: BLE001 — nothing was written: who is to blame is found below, and fails alone
            for one in observations:
                self._judge_alone(one)
        self._remember(observations)
        for one in observations:
            self._over(one.host, bad=bad_in(one))

    def _remember(self, observations: Sequence[Observation]) -> None:
        try:
            self._services.history.record(observations)
        except StoreFault as error:  # charts have a gap then
            self._services.telemetry.failure("history lost", error, hosts=len(observations))

    def _judge_alone(self, observation: Observation) -> None:
        try:
            watch.judge_alone(observation, self._services)
            self.committed += 1
        except Exception as error:  # noqa: BLE001 — the last boundary, as above
            self._services.telemetry.failure("round failed", error, host=observation.host)

    def _read(self, sample: Sample) -> Observation | None:
        """Return what a sample shows; None where it is not enough, and a whole one is asked for at once."""
        one, services = self._hosts.get(sample.host), self._services
        if one is None:  # it has left the fleet meanwhile
            return None
        try:
            found = watch.observed(sample, one.specs, previous=one.previous, seen=one.seen)
        except Exception as error:  # noqa: BLE001 — the last boundary, as above
            services.telemetry.failure("round failed", error, host=sample.host)
            self._over(sample.host, bad=UNREAD)
            return None
        if found is None:
            self._begin(sample.host, Ask(services=one.specs))
            return None
        if self._checks is not None:
            found = self._checks.beside(found)
        services.telemetry.count("probe_rounds", outcome=sample.outcome.value)
        services.telemetry.observe("probe_duration", sample.duration_ms / 1000)
        if found.outcome is ProbeOutcome.OK:
            one.seen = found
            if sample.whole:
                one.previous, one.whole_at = sample, one.started
        return found

    def _over(self, name: str, *, bad: frozenset[str]) -> None:
        policy = self._services.settings.probes
        with self._lock:
            one = self._hosts.get(name)
            if one is None:
                return
            one.trouble = one.trouble.after(bad)
            now = self._services.clock.monotonic()
            one.due = next_due(
                name, policy=policy, last_started=one.started, last_bad=one.trouble.is_news, now=now
            )
            one.under_way = False

    def stop(self) -> None:
        """Judge what has come; what is still under way is left to its deadlines."""
        self._stopped = True
        self._urgent.set()
        self._bell.set()
        if self._judge.is_alive():
            self._judge.join(STOPS_WITHIN_S)
