"""Where jobs run when one process does it all: a bounded thread pool, claims in the store as everywhere."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from bot.domain.jobs import Job, JobKind
from bot.flows import escalation, inspect, remediate, reminders
from bot.ports import Services

JOB_LEASE_S = 60.0
PROMPT, MOST_PROMPT = {"act:": JobKind.ACT, "escalate:": JobKind.ESCALATE}, 3
"""What must not wait for inspections, by how its keys begin; so many of each run besides."""
STOPS_WITHIN_S = 15.0
"""An act may wait long for its host; left behind, it is found out by looking."""


Run = Callable[[Job, Services], None]
RUN: Mapping[str, Run] = {
    "inspect": inspect.run_job,
    "act": remediate.run_job,
    "remind": reminders.run_job,
    "escalate": escalation.run_job,
}


class Jobs:
    """Claims jobs and does them, at most `max_parallel` at once in this process, and some prompt ones besides: a restart
    that has its yes must not wait for inspections. `run`: what does each kind.
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
        self._threads = self._most + MOST_PROMPT * len(PROMPT)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="job")
        self._running: dict[Future[None], Job] = {}
        self._renew_at = 0.0

    def tick(self) -> None:
        """Take what is due as far as there is room; what runs keeps its lease."""
        self._running = {future: job for future, job in self._running.items() if not future.done()}
        self._renew()
        for lane, kind in PROMPT.items():
            self._take(lane, lambda kind=kind: self._count(kind) < MOST_PROMPT)  # type: ignore[misc]
        others = [kind for kind in JobKind if kind not in PROMPT.values()]
        self._take("", lambda: self._count(*others) < self._most)

    def _take(self, lane: str, room: Callable[[], bool]) -> None:
        """Claim what is due in a lane while there is room for it, and a thread."""
        while room() and len(self._running) < self._threads:
            now = self._services.clock.now()
            job = self._services.store.claim_job(now=now, worker=self._worker, lease_s=JOB_LEASE_S, lane=lane)
            if job is None:
                return
            self._running[self._pool.submit(self._do, job)] = job

    def _count(self, *kinds: JobKind) -> int:
        return sum(job.kind in kinds for job in self._running.values())

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
