"""Checks beside the round's own readings: something on a host is asked now and then, and graded as monitoring plugins do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

STALE_AFTER_TIMES = 3
LONGEST_TEXT = 300


class Grade(StrEnum):
    """What a check says (monitoring-plugins.org, exit codes 0 to 3). UNKNOWN is neither good nor bad."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


WORST = (Grade.CRITICAL, Grade.WARNING, Grade.UNKNOWN, Grade.OK)


@dataclass(frozen=True, kw_only=True)
class CheckSpec:
    """One check of the config. `kind` names the plug-in, `target` is what it asks: an address, a URL, a socket, a name.

    `hosts` are names or patterns. `argv` is that of a command; `status`, `body` and `under_s` what an HTTP answer must be;
    `warning_days` and `critical_days` how long a certificate must be good for.
    """

    name: str
    kind: str
    target: str = ""
    hosts: tuple[str, ...] = ("*",)
    every_s: float = 60.0
    timeout_s: float = 10.0
    argv: tuple[str, ...] = ()
    status: int | None = None
    bad_from: int = 400
    """The first status that is bad, where none is asked for."""
    body: str = ""
    under_s: float | None = None
    server_name: str = ""
    warning_days: float = 14.0
    critical_days: float = 3.0
    at_most: float | None = None

    def covers(self, host: str) -> bool:
        return any(fnmatchcase(host.lower(), pattern.lower()) for pattern in self.hosts)

    def address(self, default_port: int = 0) -> tuple[str, int]:
        """Return host and port of the target: `host:port`, `[::1]:port`, a port alone, or a URL."""
        if "://" in self.target:
            parts = urlsplit(self.target)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, default_port)
            return parts.hostname or "127.0.0.1", port
        if self.target.isdecimal():
            return "127.0.0.1", int(self.target)
        parts = urlsplit(f"//{self.target}")
        return parts.hostname or "127.0.0.1", parts.port or default_port


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back. `problem`: `refused`, `timeout`, `reset`, `no_tls` or `unavailable` (there was no way to ask), else empty.

    `exit` is a command's, None where it was ended by a signal or at its deadline.
    """

    at: datetime
    """When it came."""
    text: bytes = b""
    took_ms: float = 0.0
    problem: str = ""
    detail: str = ""
    exit: int | None = 0


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A short conversation with an address, as seen from the host: `request` is sent, and what comes is kept until `enough`.

    `tls`: the name to ask for through TLS, None for none; its certificate is not judged. `certificate`: it (DER) is all that
    is wanted, and nothing is said.
    """

    address: tuple[str, int]
    within_s: float
    request: bytes = b""
    enough: Callable[[bytes], bool] = lambda _: True
    tls: str | None = None
    certificate: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckReading:
    """What a check said, when: a line for people, and numbers in base units by name."""

    at: datetime
    grade: Grade
    text: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    took_ms: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a plug-in reads out of a reply."""

    grade: Grade
    text: str
    metrics: Mapping[str, float] = field(default_factory=dict)


def ok(text: str, **metrics: float) -> Said:
    return Said(grade=Grade.OK, text=text, metrics=metrics)


def warning(text: str, **metrics: float) -> Said:
    return Said(grade=Grade.WARNING, text=text, metrics=metrics)


def critical(text: str, **metrics: float) -> Said:
    return Said(grade=Grade.CRITICAL, text=text, metrics=metrics)


def unknown(text: str, **metrics: float) -> Said:
    return Said(grade=Grade.UNKNOWN, text=text, metrics=metrics)


PROBLEMS = {
    "refused": critical("the connection is refused"),
    "timeout": critical("no answer in time"),
    "reset": critical("the connection was closed without an answer"),
    "no_tls": critical("no TLS is spoken there"),
    "unavailable": unknown("there is no way to ask"),
}


def is_fresh(reading: CheckReading, spec: CheckSpec, *, now: datetime) -> bool:
    return now - reading.at <= timedelta(seconds=max(30.0, spec.every_s * STALE_AFTER_TIMES))


def worst(readings: Mapping[str, CheckReading]) -> tuple[str, CheckReading] | None:
    """Return the check that says the worst, and what it says."""
    return min(readings.items(), key=lambda one: (WORST.index(one[1].grade), one[0]), default=None)
