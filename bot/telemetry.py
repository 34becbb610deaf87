"""Logs: one structured event a line, secrets taken out before it is written."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

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
)  # they log bodies and tokens


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


class Logs:
    """Fulfils ports.Telemetry. `secrets` are the values that the process itself has loaded."""

    def __init__(
        self, *, verbose: bool = False, secrets: Iterable[str] = (), stream: TextIO | None = None
    ) -> None:
        self._secrets = tuple(secrets)
        output = stream or sys.stderr
        renderer = (
            structlog.dev.ConsoleRenderer(colors=False)
            if output.isatty()
            else structlog.processors.JSONRenderer()
        )
        self._log = structlog.wrap_logger(
            structlog.PrintLogger(output),
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
