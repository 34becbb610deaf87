"""What a service wrote of late, and what of it says that something is wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.clues import Clue

WORST_PRIORITIES = 3
"""syslog's emerg, alert, crit and err."""
WRONG = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL|SEVERE|EMERG|PANIC)\b"
    r"|\b(?:level|lvl|severity)[\"']?\s*[=:]\s*[\"']?(?:error|fatal|critical|panic)\b"
    r"|^(?:\S+\s+){0,4}\[?(?:error|fatal|critical|panic)\]?\s*:"
    r"|Traceback \(most recent call last\)"
    r"|\b[A-Z]\w*(?:Error|Exception)\b(?::|\s*$)"
    r"|\b(?:segfault|out of memory|oom-kill|core dumped|Killed process|stack smashing)\b"
)
NUMBER = re.compile(r"\d+")


class LogSource(StrEnum):
    UNIT = "unit"
    FILE = "file"
    PROCESS = "process"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line, secrets redacted; `times`: so often in a row, numbers aside. `at` None: the line's own text may tell."""

    text: str
    at: datetime | None = None
    wrong: bool = False
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class Log:
    """The last lines of a log, oldest first, repeats folded. `name`: of the unit, the file or the process.

    `source` None: there is none to be had; `missing` says why, or what of it could not be seen.
    """

    source: LogSource | None = None
    name: str = ""
    lines: tuple[LogLine, ...] = ()
    missing: Clue | None = None

    @property
    def wrong(self) -> tuple[LogLine, ...]:
        return tuple(line for line in self.lines if line.wrong)

    @property
    def count(self) -> int:
        return sum(line.times for line in self.lines)


def sounds_wrong(text: str, priority: int | None = None) -> bool:
    """Return whether a line says that something went wrong: by the priority it was logged with, else by its words."""
    return (priority is not None and priority <= WORST_PRIORITIES) or bool(WRONG.search(text))


def folded(lines: Iterable[LogLine]) -> tuple[LogLine, ...]:
    """Fold lines that repeat the one before them, numbers aside; the first of them stands for all."""
    found: list[LogLine] = []
    for line in lines:
        if found and _shape(found[-1].text) == _shape(line.text):
            found[-1] = replace(found[-1], times=found[-1].times + line.times)
        else:
            found.append(line)
    return tuple(found)


def _shape(text: str) -> str:
    return NUMBER.sub("#", text)
