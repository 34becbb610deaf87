"""Where work runs when one process does it all: bounded thread pools, claims in the store as everywhere."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from bot.domain.jobs import Job, JobKind
from bot.domain.observations import Observation, ProbeOutcome, ServiceState
from bot.domain.rounds import next_due
from bot.flows import inspect, remediate, reminders, watch
from bot.ports import Sample, Services

MOST_ROUNDS_AT_ONCE = 64
JOB_LEASE_S = 60.0
ACTS, MOST_ACTS = "act:", 3
STOPS_WITHIN_S = 15.0
"""An act may wait long for its host; left behind, it is found out by looking."""
MOST_RETRIES = 24
"""How many bad rounds in a row are asked again soon: every rule has fired by then, and what stays bad is no news."""


class Rounds:
    """Starts the rounds that are due; one at a time per host, so that a sick host only ever delays itself."""

    def __init__(self, services: Services) -> None:
        self._services = services
        hosts = services.settings.fleet.hosts
        self._pool = ThreadPoolExecutor(min(MOST_ROUNDS_AT_ONCE, len(hosts) + 1), thread_name_prefix="round")
        self._lock = Lock()
        self._under_way: set[str] = set()
        self._previous: dict[str, Sample] = {}
        self._seen: dict[str, Observation] | None = None
        self._bad: dict[str, int] = {}
        now = services.clock.monotonic()
        policy = services.settings.probes
        self._due = {
            host: next_due(host, policy=policy, last_started=None, last_bad=False, now=now) for host in hosts
        }

    @property
    def under_way(self) -> set[str]:
        """The hosts that are being looked at."""
        with self._lock:
            return set(self._under_way)

    def tick(self) -> None:
        """Start what is due now."""
        now = self._services.clock.monotonic()
        with self._lock:
            due = [host for host, at in self._due.items() if at <= now and host not in self._under_way]
            if due and self._seen is None:  # what the rounds before a restart saw goes on
                self._seen = self._services.store.observations()
            self._under_way.update(due)
        for host in due:
            self._pool.submit(self._round, host)

    def _round(self, host: str) -> None:
        started = self._services.clock.monotonic()
        bad = False
        try:
            seen = self._seen if self._seen is not None else {}
            sample, observation = watch.watch_host(
                host, self._services, previous=self._previous.get(host), seen=seen.get(host)
            )
            self._previous[host] = sample
            if observation.outcome is ProbeOutcome.OK:
                seen[host] = observation
            bad = is_bad(observation)
        except Exception as error:  # noqa: BLE001 — the last boundary: one host's round must not end the others'
            self._services.telemetry.failure("round failed", error, host=host)
        finally:
            policy = self._services.settings.probes
            self._bad[host] = self._bad.get(host, 0) + 1 if bad else 0
            soon = 0 < self._bad[host] <= MOST_RETRIES
            now = self._services.clock.monotonic()
            with self._lock:
                self._due[host] = next_due(host, policy=policy, last_started=started, last_bad=soon, now=now)
                self._under_way.discard(host)

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def is_bad(observation: Observation) -> bool:
    """Return whether this round saw something worth asking again soon."""
    bad = (ServiceState.SILENT, ServiceState.DOWN)
    return observation.outcome is not ProbeOutcome.OK or any(
        r.state in bad for r in observation.services.values()
    )


Run = Callable[[Job, Services], None]
RUN: Mapping[str, Run] = {"inspect": inspect.run_job, "act": remediate.run_job, "remind": reminders.run_job}


class Jobs:
    """Claims jobs and does them, at most `max_parallel` at once in this process, and some acts besides: a restart that
    has its yes must not wait for inspections. `run`: what does each kind.
    """

    def __init__(
        self,
        services: Services,
        *,
        worker: str,
        run: Mapping[str, Run] = RUN,
        stops_within_s: float = STOPS_WITHIN_S,
    ) -> None:
        self._services, self._worker, self._run, self._stops_within_s = services, worker, run, stops_within_s
        self._most = max(1, services.settings.inspect.max_parallel)
        self._pool = ThreadPoolExecutor(self._most + MOST_ACTS, thread_name_prefix="job")
        self._running: dict[Future[None], Job] = {}
        self._renew_at = 0.0

    def tick(self) -> None:
        """Take what is due as far as there is room; what runs keeps its lease."""
        self._running = {future: job for future, job in self._running.items() if not future.done()}
        self._renew()
        self._take(ACTS, lambda: self._count(acts=True) < MOST_ACTS)
        self._take("", lambda: self._count(acts=False) < self._most)

    def _take(self, lane: str, room: Callable[[], bool]) -> None:
        """Claim what is due in a lane while there is room for it, and a thread."""
        while room() and len(self._running) < self._most + MOST_ACTS:
            now = self._services.clock.now()
            job = self._services.store.claim_job(now=now, worker=self._worker, lease_s=JOB_LEASE_S, lane=lane)
            if job is None:
                return
            self._running[self._pool.submit(self._do, job)] = job

    def _count(self, *, acts: bool) -> int:
        return sum((job.kind is JobKind.ACT) is acts for job in self._running.values())

    def _renew(self) -> None:
        clock = self._services.clock
        if clock.monotonic() < self._renew_at:
            return
        self._renew_at = clock.monotonic() + JOB_LEASE_S / 3
        for job in self._running.values():
            self._services.store.renew_job(job.id, worker=self._worker, now=clock.now(), lease_s=JOB_LEASE_S)

    def _do(self, job: Job) -> None:
        try:
            self._run[job.kind](job, self._services)
        except Exception as error:  # noqa: BLE001 — the last boundary: the lease runs out and it is claimed again
            self._services.telemetry.failure("job failed", error, job=job.id, kind=job.kind)

    def stop(self) -> None:
        """Wait for what runs, not for ever: whoever starts next goes on with it."""
        wait(self._running, timeout=self._stops_within_s)
        self._pool.shutdown(wait=False, cancel_futures=True)
