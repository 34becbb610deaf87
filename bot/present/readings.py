"""Readings as people say them: a host in a few words, a service in a few words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.checks import CheckReading, Grade
from bot.domain.messages import Line, Text, code, say
from bot.domain.observations import Metrics, Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.present.alert_words import span

WELL, BAD, UNSURE, BLIND = "🟢", "🔴", "⚪", "🟣"
OUTCOMES: Mapping[ProbeOutcome, str] = {
    ProbeOutcome.OK: "answers",
    ProbeOutcome.UNREACHABLE: "cannot be reached",
    ProbeOutcome.TIMEOUT: "does not answer in time",
    ProbeOutcome.AUTH_FAILED: "refuses my login",
    ProbeOutcome.HOST_KEY_UNKNOWN: "shows a host key that is not enrolled",
    ProbeOutcome.HOST_KEY_CHANGED: "shows another host key than the enrolled one",
    ProbeOutcome.ERROR: "could not be asked",
}
STATES: Mapping[ServiceState, tuple[str, str]] = {
    ServiceState.ANSWERING: (WELL, "answers"),
    ServiceState.SILENT: (BAD, "silent"),
    ServiceState.DEGRADED: ("🟠", "answers now and then"),
    ServiceState.DOWN: (BAD, "down"),
    ServiceState.STARTING: (UNSURE, "starting"),
    ServiceState.UNKNOWN: (UNSURE, "unknown"),
}
GIB = 2**30
STALE_AFTER = timedelta(minutes=3)


def worst(observation: Observation | None, *, now: datetime) -> str:
    """Return the emoji of a host's whole state."""
    if observation is None:
        return UNSURE
    if observation.outcome is not ProbeOutcome.OK or now - observation.at > STALE_AFTER:
        return BLIND
    shown = {STATES[reading.state][0] for reading in observation.services.values()}
    return next((emoji for emoji in (BAD, "🟠", UNSURE) if emoji in shown), WELL)


def brief(observation: Observation | None, *, now: datetime) -> str:
    """Return a host in three words: `silent`, `11 ms`, `load 0.4`."""
    if observation is None:
        return "not asked yet"
    if observation.outcome is not ProbeOutcome.OK:
        return OUTCOMES[observation.outcome]
    if now - observation.at > STALE_AFTER:
        return f"not seen for {span(now - observation.at)}"
    for reading in observation.services.values():
        if reading.state is not ServiceState.ANSWERING:
            return STATES[reading.state][1]
    answers = [
        reading.answer_ms for reading in observation.services.values() if reading.answer_ms is not None
    ]
    load = number(observation.metrics, "load1")
    return f"{max(answers):.0f} ms" if answers else f"load {load:.1f}" if load is not None else "answers"


def service(name: str, reading: ServiceReading) -> Line:
    """Return a service in a line: state, answer, processes, backlog."""
    emoji, state = STATES[reading.state]
    facts = [
        f"{reading.answer_ms:.0f} ms" if reading.answer_ms is not None else "",
        reading.reason.replace("_", " ")
        if reading.reason and reading.state is not ServiceState.ANSWERING
        else "",
        f"unit {reading.unit}" if reading.unit else "",
        f"{len(reading.pids)} process{'es' if len(reading.pids) != 1 else ''}",
        f"{reading.backlog} waiting to be accepted" if reading.backlog else "",
    ]
    line = say(f"{emoji} ", Text(text=name, style="bold"), f" {state}: {', '.join(filter(None, facts))}")
    if reading.front is not None and reading.front.grade is not Grade.OK:
        line = (*line, *say("; at its front: ", code(reading.front.text)))
    return line


GRADES = {Grade.OK: WELL, Grade.WARNING: "🟠", Grade.CRITICAL: BAD, Grade.UNKNOWN: UNSURE}


def check(name: str, reading: CheckReading) -> Line:
    """Return a check in a line: how it went, and its own words."""
    return say(
        f"{GRADES[reading.grade]} ",
        Text(text=name, style="bold"),
        f" {reading.grade.value}: ",
        code(reading.text),
    )


def machine(metrics: Metrics) -> Line:
    """Return the machine's readings in a line; what was not read is not there."""
    load, cores = number(metrics, "load1"), number(metrics, "cores")
    busy, uptime = number(metrics, "cpu_busy_ratio"), number(metrics, "uptime_seconds")
    free, total = number(metrics, "mem_available_bytes"), number(metrics, "mem_total_bytes")
    pressure = number(metrics, "psi_cpu_some_avg10")
    facts = [
        f"load {load:.1f}" + (f" on {cores:.0f} cores" if cores else "") if load is not None else "",
        f"CPU {busy:.0%} busy" if busy is not None else "",
        f"CPU pressure {pressure:.0f} %" if pressure is not None else "",
        f"{free / GIB:.1f} of {total / GIB:.1f} GiB memory free" if free is not None and total else "",
        _disks(metrics),
        f"up {span(timedelta(seconds=uptime))}" if uptime is not None else "",
    ]
    return say(", ".join(filter(None, facts)))


def _disks(metrics: Metrics) -> str:
    used = metrics.get("disk_used_ratio")
    if not isinstance(used, Mapping) or not used:
        return ""
    mount, ratio = max(used.items(), key=lambda item: item[1])
    return f"{mount} {ratio:.0%} full"


def trouble(observation: Observation) -> Line:
    """Return why a host gave no readings."""
    reason = say(": ", code(observation.reason)) if observation.reason else ()
    return say(f"{BLIND} ", OUTCOMES[observation.outcome]) + reason


def number(metrics: Metrics, name: str) -> float | None:
    """Return a reading that is one number, None where it was not read."""
    value = metrics.get(name)
    return value if isinstance(value, int | float) else None
