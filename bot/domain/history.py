"""What was read of a host over time: points, what is kept of them and for how long, and a chart's columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import pairwise
from statistics import median

from bot.domain.errors import UnknownName
from bot.domain.observations import Observation, ProbeOutcome, ServiceState

RAW_FOR = timedelta(hours=24)
ROLLED_FOR = timedelta(days=30)
ROLLED_STEP_S = 600
DAY_S = 86_400
MOST_MOUNTS = 6
MOST_OF_CHECK = 12
KEPT = (
    "load1", "cpu_busy_ratio", "mem_available_bytes", "swap_used_bytes", "psi_cpu_some_avg10",
    "psi_memory_full_avg10", "psi_io_full_avg10", "procs_blocked", "disk_used_ratio", "inodes_used_ratio",
)  # fmt: skip
"""Of a host's readings: what moves. Of a service: whether it answers (`up`), how fast, what waits, and its CPU."""
UP = {
    ServiceState.ANSWERING: 1.0,
    ServiceState.DEGRADED: 0.5,
    ServiceState.SILENT: 0.0,
    ServiceState.DOWN: 0.0,
}
ALIASES = {
    "load": "load1", "cpu": "cpu_busy_ratio", "mem": "mem_available_bytes", "memory": "mem_available_bytes",
    "swap": "swap_used_bytes", "disk": "disk_used_ratio", "disks": "disk_used_ratio", "inodes": "inodes_used_ratio",
    "pressure": "psi_cpu_some_avg10", "psi": "psi_cpu_some_avg10", "io": "psi_io_full_avg10",
    "blocked": "procs_blocked", "answer": "answer_ms", "answers": "answer_ms", "latency": "answer_ms",
    "response": "answer_ms", "ms": "answer_ms", "queue": "backlog",
}  # fmt: skip
CARRIED_STEPS = 2.5


@dataclass(frozen=True, slots=True)
class Point:
    """What was read at a moment (seconds since 1970): of one round, or the mean and the peak of several.

    Names are those of the rules, `disk_used_ratio:/var` for one of a map, `shop.answer_ms` for a service's. No values: the
    host was not seen.
    """

    at: float
    mean: Mapping[str, float]
    peak: Mapping[str, float]


def point(observation: Observation) -> Point:
    """Return what is kept of a round."""
    if observation.outcome is not ProbeOutcome.OK:
        return Point(at=observation.at.timestamp(), mean={}, peak={})
    found: dict[str, float] = {}
    for name in KEPT:
        value = observation.metrics.get(name)
        if isinstance(value, Mapping):
            worst = sorted(value.items(), key=lambda item: -item[1])[:MOST_MOUNTS]
            found |= {f"{name}:{label}": _short(one) for label, one in worst}
        elif value is not None:
            found[name] = _short(value)
    for service, reading in observation.services.items():
        values = {
            "up": UP.get(reading.state),
            "answer_ms": reading.answer_ms,
            "backlog": reading.backlog,
            "cpu_cores": reading.cpu_cores,
            "rss_bytes": reading.rss_bytes,
            "threads": reading.threads,
            "fds": reading.fds,
        }
        found |= {f"{service}.{name}": _short(one) for name, one in values.items() if one is not None}
    for check, said in observation.checks.items():
        newest = list(said.metrics.items())[:MOST_OF_CHECK]
        found |= {f"{check}.{name}": _short(one) for name, one in newest}
    return Point(at=observation.at.timestamp(), mean=found, peak=found)


def _short(value: float) -> float:
    return float(f"{value:.4g}")


# --- rolling up


def rolled(points: Iterable[Point], *, step_s: int = ROLLED_STEP_S) -> list[Point]:
    """Return one point for each step in which something was seen: the mean of each reading, and its peak.

    Points that were rolled up before stay as they are where they are alone in their step.
    """
    steps: dict[int, list[Point]] = {}
    for one in points:
        steps.setdefault(int(one.at // step_s), []).append(one)
    return [_rolled(number * step_s, inside) for number, inside in sorted(steps.items())]


def _rolled(at: float, points: Sequence[Point]) -> Point:
    if len(points) == 1 and points[0].at == at:
        return points[0]
    names = {name for one in points for name in one.mean}
    mean, peak = {}, {}
    for name in names:
        values = [one.mean[name] for one in points if name in one.mean]
        mean[name] = _short(sum(values) / len(values))
        peaks = [one.peak.get(name, one.mean[name]) for one in points if name in one.mean]
        peak[name] = min(peaks) if lower_is_worse(name) else max(peaks)
    return Point(at=at, mean=mean, peak=peak)


def lower_is_worse(name: str) -> bool:
    """Whether the peak of a reading is its lowest value: memory that is available, a service that is up."""
    return name.startswith("mem_available") or name.endswith(".up")


# --- what is meant


def names_in(points: Iterable[Point]) -> tuple[str, ...]:
    """Return all readings there are, a map's by its own name too."""
    found = dict.fromkeys(name for one in points for name in one.mean)
    whole = dict.fromkeys(name.partition(":")[0] for name in found)
    return tuple(dict.fromkeys((*whole, *found)))


def meant(word: str, names: Sequence[str], services: Sequence[str], *, host: str) -> str:
    """Return the reading that somebody typed, in any case and half its name. Raises UnknownName."""
    typed = word.lower()
    by_lower = {name.lower(): name for name in names}
    service, dot, rest = typed.rpartition(".")
    rest = ALIASES.get(rest, rest) if not dot or service else rest
    tries = [typed, rest] if not dot else [typed, f"{service}.{rest}"]
    for one in services:
        tries += [f"{one}.{rest}".lower()] if not dot else []
        if typed == one.lower():
            tries += [f"{typed}.answer_ms", f"{typed}.up"]
    tries += [name for name in by_lower if name.startswith(rest if not dot else f"{service}.{rest}")]
    for name in tries:
        if name in by_lower:
            return by_lower[name]
    close = get_close_matches(typed, [*by_lower, *ALIASES], n=3, cutoff=0.5)
    nearest = tuple(dict.fromkeys(by_lower.get(one, one) for one in close))
    raise UnknownName(kind="reading", word=word, on=host, nearest=nearest, known=tuple(names))


# --- a chart


@dataclass(frozen=True, kw_only=True)
class Series:
    """One reading over a span in columns of equal width: each one's peak, None where nothing was seen."""

    name: str
    since: datetime
    until: datetime
    columns: tuple[float | None, ...]
    latest: float | None
    peak: float | None
    peak_at: datetime | None


def series(points: Sequence[Point], name: str, *, since: datetime, until: datetime, width: int) -> Series:
    """Put a reading into columns; a value counts until the next one, as far as rounds are apart."""
    seen = [(one.at, value) for one in points if (value := value_at(one, name)) is not None]
    seen = [(at, value) for at, value in seen if since.timestamp() <= at <= until.timestamp()]
    low = lower_is_worse(name)
    start, size = since.timestamp(), (until - since).total_seconds() / width
    columns: list[float | None] = [None] * width
    for at, value in seen:
        here = min(width - 1, int((at - start) / size))
        before = columns[here]
        columns[here] = value if before is None else (min if low else max)(before, value)
    _carry(columns, seen, start=start, size=size)
    peak = (min if low else max)(seen, key=lambda one: one[1], default=None)
    return Series(
        name=name,
        since=since,
        until=until,
        columns=tuple(columns),
        latest=seen[-1][1] if seen else None,
        peak=peak[1] if peak else None,
        peak_at=datetime.fromtimestamp(peak[0], since.tzinfo) if peak else None,
    )


def _carry(
    columns: list[float | None], seen: Sequence[tuple[float, float]], *, start: float, size: float
) -> None:
    """Fill the columns between two rounds that follow each other."""
    gaps = [after - before for (before, _), (after, _) in pairwise(seen)]
    usual = median(gaps) if gaps else 0.0
    for (at, value), gap in zip(seen, [*gaps, 0.0], strict=True):
        if gap > usual * CARRIED_STEPS:
            continue
        for column in range(int((at - start) / size), min(len(columns), int((at + gap - start) / size))):
            if columns[column] is None:
                columns[column] = value


def value_at(one: Point, name: str) -> float | None:
    """Return a reading's peak; of a whole map the worst."""
    if name in one.peak:
        return one.peak[name]
    parts = [value for key, value in one.peak.items() if key.startswith(f"{name}:")]
    return max(parts) if parts else None
