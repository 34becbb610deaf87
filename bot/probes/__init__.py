"""How readings are got out of a host's sample: `parse(sections) -> metrics`, one file per reading. They open nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.domain.looking_back import remembered, with_history
from bot.domain.observations import (
    HttpAnswer,
    Metrics,
    Observation,
    ProbeOutcome,
    ServiceReading,
    ServiceState,
)
from bot.domain.partial import ASKED_KEPT, Strain, strained
from bot.domain.targets import ServiceSpec
from bot.ports import Sample
from bot.probes import accepting, cpu, disk, load, memory, pressure, processes, services
from bot.probes.checks import CHECKS, check

__all__ = [
    "CHECKS",
    "PROBES",
    "check",
    "judge",
    "observe",
    "observe_small",
    "services",
    "started",
    "to_watch",
]

Probe = Callable[[Mapping[str, str]], Metrics]

PROBES: Mapping[str, Probe] = {
    "load": load.parse,
    "cpu": cpu.parse,
    "memory": memory.parse,
    "disk": disk.parse,
    "pressure": pressure.parse,
    "processes": processes.parse,
}
IN_SMALL = ("load", "cpu", "memory", "pressure")
MOST_PIDS, MOST_OF_ONE = 24, 4
Started = Mapping[int, float]
"""Process → when it was started, in seconds since the boot."""
GOOD_BELOW = 500
DEAF_S = 10.0
"""Nobody accepted for so long, and a server without a health URL counts as silent: `attempts` and `for` come on top."""
WELL = ("active", "reloading", "refreshing")
CRASH_LOOP = 3
"""So many starts by systemd itself, and a young process is no longer one that begins."""


def observe(
    sample: Sample,
    specs: Sequence[ServiceSpec],
    *,
    previous: Sample | None,
    seen: Observation | None = None,
) -> Observation:
    """Read a sample; `previous` is the same host's last one, for what only two of them tell, and `seen` what it showed
    in the last round that showed anything, for what only many of them tell.
    """
    if sample.outcome is not ProbeOutcome.OK:
        return Observation(
            host=sample.host,
            at=sample.at,
            outcome=sample.outcome,
            reason=sample.reason,
            duration_ms=sample.duration_ms,
        )
    metrics: dict[str, float | Mapping[str, float]] = {}
    for parse in PROBES.values():
        metrics |= parse(sample.sections)
    round_ = _Round(sample, specs, previous, seen)
    if round_.deaf is not None:
        metrics[accepting.NAME] = round_.deaf_of_nobody()
    return Observation(
        host=sample.host,
        at=sample.at,
        outcome=sample.outcome,
        duration_ms=sample.duration_ms,
        metrics=metrics | dict(sample.metrics),
        services={spec.name: round_.reading(spec) for spec in specs},
    )


class _Round:
    """What a sample shows beside the one before it: each is read once, for all services."""

    def __init__(
        self, sample: Sample, specs: Sequence[ServiceSpec], previous: Sample | None, seen: Observation | None
    ) -> None:
        self._sample, self._seen = sample, seen
        self._previous = previous if previous is not None and previous.outcome is ProbeOutcome.OK else None
        before = self._previous.sections if self._previous is not None else None
        self._found = {spec.name: services.parse(sample.sections, spec) for spec in specs}
        self._before = (
            {spec.name: services.parse(before, spec) for spec in specs} if before is not None else {}
        )
        self._seconds = services.seconds_between(before, sample.sections) if before is not None else 0.0
        self.deaf = accepting.stuck(sample.sections, before, self._said_before(), seconds=self._seconds)
        """For each port with somebody waiting how long nobody was accepted there; None: not to be seen."""

    def deaf_of_nobody(self) -> Mapping[str, float]:
        """Return the ports of no service: those of services are told as theirs."""
        owned = {str(port) for one in self._found.values() for port in one.ports}
        return {port: seconds for port, seconds in (self.deaf or {}).items() if port not in owned}

    def reading(self, spec: ServiceSpec) -> ServiceReading:
        before = remembered(self._seen, spec.name, at=self._sample.at)
        return with_history(
            self._alone(spec),
            before,
            strains=self._strains(spec, before.strains if before else ()),
            asked=spec.http is not None,
            at=self._sample.at,
        )

    def _alone(self, spec: ServiceSpec) -> ServiceReading:
        """Return what this round says, without those before."""
        found, answer = self._found[spec.name], self._sample.answers.get(spec.name)
        deaf = {port: seconds for port, seconds in (self.deaf or {}).items() if int(port) in found.ports}
        state, reason = judge(found, answer, spec)
        if (
            spec.http is None
            and state is ServiceState.ANSWERING
            and max(deaf.values(), default=0.0) >= DEAF_S
        ):
            state, reason = ServiceState.SILENT, "not_accepting"
        cores = wanted = None
        if self._previous is not None:
            seconds = (self._sample.at - self._previous.at).total_seconds()
            cores = services.cpu_cores(self._before[spec.name], found, seconds=seconds)
            wanted = services.wanted_cores(self._before[spec.name], found, seconds=self._seconds)
        return ServiceReading(
            state=state,
            reason=reason,
            answer_ms=answer.elapsed_ms if answer and answer.problem is None else None,
            pids=found.pids,
            unit=found.unit,
            backlog=found.backlog,
            cpu_cores=cores,
            wanted_cores=wanted,
            rss_bytes=found.rss_bytes,
            threads=found.threads,
            fds=found.fds,
            fds_ratio=found.fds_ratio,
            blocked=found.blocked,
            restarts=found.restarts if spec.unit else None,
            deaf=deaf,
        )

    def _strains(self, spec: ServiceSpec, earlier: Sequence[Strain]) -> tuple[Strain, ...]:
        """Return who looks stuck. After a start of ours there is no sample to compare with: then nothing is judged, and
        what stood of those who still live stands.
        """
        now = services.workers(self._sample.sections, self._found[spec.name])
        if self._previous is None:
            living = {(one.pid, one.started_s) for one in now}
            return tuple(one for one in earlier if (one.pid, one.started_s) in living)
        return strained(
            services.workers(self._previous.sections, self._before[spec.name]),
            now,
            seconds=self._seconds,
            earlier=earlier,
            since=self._previous.at,
        )

    def _said_before(self) -> Mapping[str, float]:
        """Return how long each port had been deaf by the last round, of services or not."""
        if self._seen is None:
            return {}
        said = self._seen.metrics.get(accepting.NAME)
        found = dict(said) if isinstance(said, Mapping) else {}
        for reading in self._seen.services.values():
            found |= reading.deaf
        return found


def judge(found: services.Found, answer: HttpAnswer | None, spec: ServiceSpec) -> tuple[ServiceState, str]:
    """Return a service's state and a short code of why. Silent is: processes live, and no good answer."""
    if spec.unit and found.load != "loaded":
        return ServiceState.DOWN, "unit_masked" if found.load == "masked" else "unit_not_found"
    why = _bad(answer) if spec.http else None
    if found.unit == "activating":
        return _activating(found, why, spec)
    if found.unit is not None and found.unit not in WELL:
        return ServiceState.DOWN, f"unit_{found.unit}"
    if why is None:
        alive = bool(found.pids) or (found.unit in WELL)
        return (ServiceState.ANSWERING, "") if alive else (ServiceState.DOWN, "no_process")
    if why == "":
        return ServiceState.ANSWERING, ""
    findable = bool(spec.unit or spec.process)
    if findable and not found.pids and found.unit is None:
        return ServiceState.DOWN, "no_process"
    if why == "unavailable":
        return ServiceState.UNKNOWN, "no_way_to_ask"
    if _young(found, spec):
        return ServiceState.STARTING, why
    if not findable and why == "http_refused":
        return ServiceState.DOWN, "no_process"  # nothing says which processes are its own, and nobody listens
    return ServiceState.SILENT, why


def _activating(found: services.Found, why: str | None, spec: ServiceSpec) -> tuple[ServiceState, str]:
    """Judge a unit that systemd starts: it may answer already, have died and wait for its next try, or never end."""
    if why == "":
        return ServiceState.ANSWERING, ""
    if found.sub.startswith("auto-restart"):
        return ServiceState.DOWN, "unit_auto_restart"
    if not found.pids or _young(found, spec):
        return ServiceState.STARTING, "unit_activating"
    return ServiceState.DOWN, "unit_activating"


def _young(found: services.Found, spec: ServiceSpec) -> bool:
    return found.age_s is not None and found.age_s < spec.start_grace_s and found.restarts < CRASH_LOOP


def _bad(answer: HttpAnswer | None) -> str:
    """Return why an answer is not good, an empty text where it is."""
    if answer is None or answer.problem == "unavailable":
        return "unavailable"
    if answer.problem:
        return f"http_{answer.problem}"
    if answer.status is None or answer.status >= GOOD_BELOW:
        return f"http_{answer.status}"
    return ""


# --- small samples


def to_watch(observation: Observation) -> tuple[int, ...]:
    """Return the processes that a small sample is to look at: of each service the oldest few, by number."""
    found = [pid for reading in observation.services.values() for pid in reading.pids[:MOST_OF_ONE]]
    return tuple(sorted(set(found)))[:MOST_PIDS]


def started(sample: Sample, pids: Sequence[int]) -> Started:
    """Return when each of some processes of a sample was started."""
    stats = services.stats(sample.sections.get("processes", ""))
    return {pid: stats[pid].started_s for pid in pids if pid in stats and stats[pid].state not in ("Z", "X")}


def observe_small(
    sample: Sample, specs: Sequence[ServiceSpec], *, seen: Observation, watched: Started
) -> Observation | None:
    """Return what a small sample shows, None where only a whole one can tell.

    `seen` is the last observation, in which every service answered, and `watched` the processes looked at. As long as
    they live and every answer is good, units and processes are what they were.
    """
    if started(sample, tuple(watched)) != watched:
        return None
    readings: dict[str, ServiceReading] = {}
    for spec in specs:
        reading = _reading(seen.services.get(spec.name), spec, sample.answers.get(spec.name))
        if reading is None:
            return None
        readings[spec.name] = reading
    metrics = dict(seen.metrics)
    for name in IN_SMALL:
        metrics |= PROBES[name](sample.sections)
    return replace(
        seen, at=sample.at, duration_ms=sample.duration_ms, reason="", metrics=metrics, services=readings
    )


def _reading(
    before: ServiceReading | None, spec: ServiceSpec, answer: HttpAnswer | None
) -> ServiceReading | None:
    if before is None or not spec.http:
        return before
    if answer is None or answer.problem or answer.status is None or answer.status >= GOOD_BELOW:
        return None
    asked = (*before.asked, True)[-ASKED_KEPT:]
    return replace(before, answer_ms=answer.elapsed_ms, asked=asked)
