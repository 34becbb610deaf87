"""The clockwork: a few jobs driven by APScheduler, never one per host."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.ports import Clock, Telemetry

JUMP_S = 2.0
"""How far wall clock and monotonic clock may part between two looks before we call it a jump."""


class Beats(BaseTrigger):  # type: ignore[misc]  # it ships no types
    """Every so many seconds; what was missed is left out.

    APScheduler's own trigger lists each run that was missed, under its lock: a clock that is set on by months, as one that
    began in 1970 is, would be hours of that.
    """

    def __init__(self, seconds: float) -> None:
        self._every = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        after = now if previous is None else previous + self._every
        return after if after > now else now + self._every


class Clockwork:
    """Runs each beat at its period, one run of it at a time, whatever the wall clock does.

    APScheduler 3 plans by the wall clock: set back by an hour, it sleeps that hour. A jump therefore seats
    every beat anew, after `jumped` was told by how many seconds.
    """

    def __init__(self, clock: Clock, telemetry: Telemetry, *, jumped: Callable[[float], None]) -> None:
        self._clock, self._telemetry, self._jumped = clock, telemetry, jumped
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._seen = (clock.now().timestamp(), clock.monotonic())
        self._due: dict[str, float] = {}

    def every(self, seconds: float, name: str, beat: Callable[[], object]) -> None:
        """Call `beat` now and then every `seconds`; what it raises is logged and ends nothing."""

        def guarded() -> None:
            self._due[name] = self._clock.monotonic() + seconds
            try:
                beat()
            except Exception as error:  # noqa: BLE001 — the last boundary: one bad beat must not end the rest
                self._telemetry.failure("beat failed", error, beat=name)

        self._due[name] = self._clock.monotonic()
        self._scheduler.add_job(guarded, Beats(seconds), id=name, next_run_time=self._clock.now())

    def start(self) -> None:
        self._scheduler.start()

    def lag(self) -> float:
        """Return by how many seconds the latest beat is late. A beat that hangs is late too: it cannot begin again."""
        now = self._clock.monotonic()
        return max([0.0, *(now - due for due in list(self._due.values()))])

    def watch_clock(self) -> None:
        """Seat all beats anew if the wall clock jumped since the last look; to be called about once a second,
        from outside the scheduler, which would sleep through it.
        """
        wall, mono = self._clock.now().timestamp(), self._clock.monotonic()
        jump = (wall - self._seen[0]) - (mono - self._seen[1])
        self._seen = (wall, mono)
        if abs(jump) > JUMP_S:
            self._telemetry.event("wall clock jumped", seconds=round(jump, 1))
            try:
                self._jumped(jump)
            except Exception as error:  # noqa: BLE001 — as above; the beats are needed all the same
                self._telemetry.failure("jump not followed", error, seconds=round(jump, 1))
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=self._clock.now())

    def stop(self) -> None:
        """End after the beats that run now; harmless where it was never started."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
