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
from bot.probes import cpu, disk, load, memory, pressure, processes, services

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
    return Observation(
        host=sample.host,
        at=sample.at,
        outcome=sample.outcome,
        duration_ms=sample.duration_ms,
        metrics=metrics | dict(sample.metrics),
        services={spec.name: _with_history(sample, spec, previous, seen) for spec in specs},
    )


def _with_history(
    sample: Sample, spec: ServiceSpec, previous: Sample | None, seen: Observation | None
) -> ServiceReading:
    before = remembered(seen, spec.name, at=sample.at)
    return with_history(
        _service(sample, spec, previous),
        before,
        strains=_strains(sample, spec, previous, before.strains if before else ()),
        asked=spec.http is not None,
        at=sample.at,
    )


def _strains(
    sample: Sample, spec: ServiceSpec, previous: Sample | None, earlier: Sequence[Strain]
) -> tuple[Strain, ...]:
    """Return who looks stuck. After a start of ours there is no sample to compare with: then nothing is judged, and
    what stood of those who still live stands.
    """
    now = services.workers(sample.sections, services.parse(sample.sections, spec))
    if previous is None or previous.outcome is not ProbeOutcome.OK:
        living = {(one.pid, one.started_s) for one in now}
        return tuple(one for one in earlier if (one.pid, one.started_s) in living)
    return strained(
        services.workers(previous.sections, services.parse(previous.sections, spec)),
        now,
        seconds=services.seconds_between(previous.sections, sample.sections),
        earlier=earlier,
        since=previous.at,
    )


def _service(sample: Sample, spec: ServiceSpec, previous: Sample | None) -> ServiceReading:
    found = services.parse(sample.sections, spec)
    answer = sample.answers.get(spec.name)
    state, reason = judge(found, answer, spec)
    cores = None
    if previous is not None and previous.outcome is ProbeOutcome.OK:
        seconds = (sample.at - previous.at).total_seconds()
        cores = services.cpu_cores(services.parse(previous.sections, spec), found, seconds=seconds)
    return ServiceReading(
        state=state,
        reason=reason,
        answer_ms=answer.elapsed_ms if answer and answer.problem is None else None,
        pids=found.pids,
        unit=found.unit,
        backlog=found.backlog,
        cpu_cores=cores,
    )


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
