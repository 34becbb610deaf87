"""One probe round, as words and as the contract's JSON line."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from bot.domain.checks import CheckReading
from bot.domain.messages import Bullets, Message, Paragraph, Section, bold, say
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading
from bot.present import readings


def message(observation: Observation) -> Message:
    """Return a round in words."""
    now = observation.at
    sections: list[Section] = []
    if observation.outcome is ProbeOutcome.OK:
        lines = (
            *(readings.service(name, reading) for name, reading in observation.services.items()),
            *(readings.check(name, reading) for name, reading in observation.checks.items()),
        )
        sections += [Bullets(lines=lines)] if lines else []
        sections.append(Paragraph(line=readings.machine(observation.metrics)))
    else:
        sections.append(Paragraph(line=readings.trouble(observation)))
    return Message(
        text=f"{observation.host}: {readings.brief(observation, now=now)}",
        title=say(
            f"{readings.worst(observation, now=now)} ",
            bold(observation.host),
            f", asked in {observation.duration_ms:.0f} ms",
        ),
        sections=tuple(sections),
    )


def document(observation: Observation) -> dict[str, Any]:
    """Return a round as one JSON line says it; what could not be read is absent."""
    found: dict[str, Any] = {
        "host": observation.host,
        "at": observation.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "outcome": observation.outcome.value,
        "duration_ms": round(observation.duration_ms),
    }
    if observation.reason:
        found["reason"] = observation.reason
    found["metrics"] = {name: _number(name, value) for name, value in observation.metrics.items()}
    found["services"] = {name: _service(reading) for name, reading in observation.services.items()}
    if observation.checks:
        found["checks"] = {name: _check(reading) for name, reading in observation.checks.items()}
    return found


def _check(reading: CheckReading) -> dict[str, Any]:
    return {
        "state": reading.grade.value,
        "text": reading.text,
        "took_ms": round(reading.took_ms),
        "metrics": dict(reading.metrics),
    }


def _number(name: str, value: float | Mapping[str, float]) -> Any:
    """Return what is counted as whole numbers, a map by its keys."""
    if isinstance(value, Mapping):
        return {key: _number(name, one) for key, one in value.items()}
    counted = name.endswith("_bytes") or name.startswith("procs_") or name == "cores"
    return round(value) if counted else value


def _service(reading: ServiceReading) -> dict[str, Any]:
    found: dict[str, Any] = {
        "state": reading.state.value,
        "answer_ms": None if reading.answer_ms is None else round(reading.answer_ms),
        "pids": list(reading.pids),
        "unit": reading.unit,
        "backlog": reading.backlog,
    }
    more: dict[str, Any] = {
        name: value
        for name in ("cpu_cores", "rss_bytes", "threads", "fds", "fds_ratio", "restarts")
        if (value := getattr(reading, name)) is not None
    }
    if reading.front is not None:
        more["front"] = _check(reading.front)
    return found | more | ({"reason": reading.reason} if reading.reason else {})
