"""How readings are got out of a host's sample: `parse(sections) -> metrics`, one file per reading. They open nothing."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.observations import (
    HttpAnswer,
    Metrics,
    Observation,
    ProbeOutcome,
    ServiceReading,
    ServiceState,
)
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
GOOD_BELOW = 500
WELL = ("active", "reloading", "refreshing")
CRASH_LOOP = 3
"""So many starts by systemd itself, and a young process is no longer one that begins."""


def observe(sample: Sample, specs: Sequence[ServiceSpec], *, previous: Sample | None) -> Observation:
    """Read a sample; `previous` is the same host's last one, for what only two of them tell."""
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
        services={spec.name: _service(sample, spec, previous) for spec in specs},
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
