"""Logs: one structured event a line, secrets taken out before it is written. Measurements go on to a meter."""

import logging
import re
import sys
from collections import deque
from collections.abc import Iterable, MutableMapping
from contextlib import suppress
from threading import Condition, Thread
from typing import Any, Protocol, TextIO, cast

import structlog

MASK = "•••"
SHAPES = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|AKIA[0-9A-Z]{16}|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",
    re.DOTALL,
)
QUIET = (
    "slack_bolt",
    "slack_sdk",
    "apscheduler",
    "paramiko",
    "websocket",
    "urllib3",
    "waitress",
)  # they log bodies and tokens
MOST_LINES = 10_000


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without what looks like a secret, and without the secrets that are known by value."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return SHAPES.sub(MASK, text)


def quiet_libraries() -> None:
    """Keep libraries from writing to the terminal what we say in our own words, and from logging bodies and tokens."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class Meter(Protocol):
    """What counts and measures, where somebody asks for it: see bot/web/metrics.py."""

    def count(self, metric: str, **labels: str) -> None: ...

    def observe(self, metric: str, value: float) -> None: ...


class Unblocked:
    """A stream to log to that nobody waits for: whoever reads it may stop, the bot goes on.

    A thread writes; what it has not written keeps 10,000 lines at most, of which the oldest go first.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._changed = Condition()
        self._begun = ""
        self._writing = self._ended = False
        Thread(target=self._write_all, name="log", daemon=True).start()

    def write(self, text: str) -> int:
        with self._changed:
            self._begun += text  # a line comes in pieces: it is kept or dropped as a whole
            if self._begun.endswith("\n"):
                self._lines.append(self._begun)
                self._begun = ""
                self._changed.notify_all()
        return len(text)

    def flush(self) -> None:
        """Do nothing: who logs must not wait."""

    def isatty(self) -> bool:
        return self._stream.isatty()

    def end(self, *, within_s: float) -> None:
        """Wait until all is written, but no longer than that."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not (self._lines or self._writing), timeout=within_s)

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._lines or self._ended)
                if not self._lines:
                    return
                text = "".join(self._lines)
                self._lines.clear()
                self._writing = True
            with suppress(OSError, ValueError):  # the reader is gone: there is nobody to tell
                self._stream.write(text)
                self._stream.flush()


class Logs:
    """Fulfils ports.Telemetry. `secrets` are the values that the process itself has loaded."""

    def __init__(
        self,
        *,
        verbose: bool = False,
        secrets: Iterable[str] = (),
        stream: TextIO | Unblocked | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._secrets = tuple(secrets)
        self._meter = meter
        output = stream or sys.stderr
        renderer = (
            structlog.dev.ConsoleRenderer(colors=False)
            if output.isatty()
            else structlog.processors.JSONRenderer()
        )
        self._log = structlog.wrap_logger(
            structlog.PrintLogger(cast("TextIO", output)),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                self._redacted,
                renderer,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
            cache_logger_on_first_use=False,
        )

    def _redacted(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = redact(value, self._secrets)
            elif not isinstance(value, int | float | bool | None):
                event[key] = redact(str(value), self._secrets)
        return event

    def event(self, name: str, **facts: object) -> None:
        self._log.info(name, **facts)

    def failure(self, name: str, error: BaseException, **facts: object) -> None:
        self._log.error(name, exc_info=error, **facts)

    def count(self, metric: str, **labels: str) -> None:
        if self._meter is not None:
            self._meter.count(metric, **labels)

    def observe(self, metric: str, value: float) -> None:
        if self._meter is not None:
            self._meter.observe(metric, value)
