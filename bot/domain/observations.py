"""What one probe round saw of a host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.checks import CheckReading
from bot.domain.partial import Strain

Metrics = Mapping[str, float | Mapping[str, float]]
"""Base units, snake case; a map (`disk_used_ratio`) is by mount point. What could not be read is absent."""


class ProbeOutcome(StrEnum):
    """How asking the host went. Only `ok` carries good or bad values; the rest say nothing of services."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    AUTH_FAILED = "auth_failed"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    ERROR = "error"


class ServiceState(StrEnum):
    ANSWERING = "answering"
    SILENT = "silent"
    DEGRADED = "degraded"
    DOWN = "down"
    STARTING = "starting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """How a health URL answered when asked on the host: a status, or the problem instead.

    `problem`: `timeout`, `refused`, `reset`, `malformed`, or `unavailable` when there was no way to ask
    (then the service is unknown, not silent); `detail` says more.
    """

    status: int | None = None
    elapsed_ms: float | None = None
    problem: str | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceReading:
    """One service in one round. `reason` is a short code of why, such as `http_timeout` or `http_503`."""

    state: ServiceState
    reason: str = ""
    answer_ms: float | None = None
    pids: tuple[int, ...] = ()
    unit: str | None = None
    backlog: int | None = None
    cpu_cores: float | None = None
    """CPU its processes used since the last round, in cores; None at the first look."""
    wanted_cores: float | None = None
    """CPU that its main threads used or waited for since the last round, in cores."""
    rss_bytes: int | None = None
    threads: int | None = None
    fds: int | None = None
    fds_ratio: float | None = None
    """Open files against their limit, of its process that is nearest to it."""
    blocked: int = 0
    """Its processes that wait in the kernel."""
    restarts: int | None = None
    """How often systemd has started it again by itself."""
    asked: tuple[bool, ...] = ()
    """How the last asks of its health URL went, oldest first."""
    front: CheckReading | None = None
    """How it answers as users come in, where that is asked and told of this host."""
    deaf: Mapping[str, float] = field(default_factory=dict)
    """Its ports at which somebody waits to be accepted: for how many seconds nobody was, as far as was seen."""
    strains: tuple[Strain, ...] = ()
    """Its workers that look stuck, however short."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One round of one host; `reason` says why where the outcome is not ok."""

    host: str
    at: datetime
    outcome: ProbeOutcome
    reason: str = ""
    duration_ms: float = 0.0
    metrics: Metrics = field(default_factory=dict)
    services: Mapping[str, ServiceReading] = field(default_factory=dict)
    checks: Mapping[str, CheckReading] = field(default_factory=dict)
    """The newest of each check that is not stale."""
