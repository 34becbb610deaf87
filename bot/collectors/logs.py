"""The last lines of a service's log: of its unit's journal, or of the file its process writes its errors to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.domain.clues import Clue, clue
from bot.domain.logs import Log, LogLine, LogSource, folded, sounds_wrong
from bot.domain.redaction import prose

Sections = dict[str, str]
LONGEST = 400
NOT_SHOWN = ("permission", "not seeing messages", "no journal files")


def log(sections: Sections) -> Log | None:
    """Return the log that the script found, None where it did not look; a section `log KIND NAME` each."""
    heads = [(key.split(" ", 2), text) for key, text in sections.items() if key.startswith("log ")]
    if not heads:
        return None
    why: Clue | None = None
    quiet: Log | None = None
    for words, text in heads:
        kind, name = words[1], words[2].strip() if len(words) > 2 else ""
        if kind == "none":
            why = why or _why(name)
        elif kind == LogSource.FILE:
            return Log(source=LogSource.FILE, name=name, lines=_plain(text))
        elif rows := _journal(text):
            return Log(source=LogSource(kind), name=name, lines=rows, missing=_hidden(text, name))
        elif kind == LogSource.UNIT:
            quiet = Log(source=LogSource.UNIT, name=name, missing=_hidden(text, name))
    return quiet or Log(missing=why or clue("log_nowhere"))


def _why(name: str) -> Clue:
    if name in ("nojournal", "unreadable"):
        return clue(f"log_{name}")
    return clue("log_goes_to", place=name.partition(":")[0])


def _hidden(text: str, name: str) -> Clue | None:
    notes = " ".join(line for line in text.splitlines() if not line.startswith("{")).lower()
    return clue("log_hidden", name=name) if any(word in notes for word in NOT_SHOWN) else None


def _plain(text: str) -> tuple[LogLine, ...]:
    return folded(_line(row) for row in text.splitlines() if row.strip())


def _journal(text: str) -> tuple[LogLine, ...]:
    return folded(_line(said, at, priority) for said, at, priority in _rows(text) if said.strip())


def _rows(text: str) -> Iterator[tuple[str, datetime | None, int | None]]:
    """Yield message, time and priority of journalctl's JSON; a message that is no text comes as its bytes (journalctl(1))."""
    for row in text.splitlines():
        try:
            entry: Any = json.loads(row) if row.startswith("{") else None
        except ValueError:
            continue  # the last one, cut
        if not isinstance(entry, dict):
            continue
        said = entry.get("MESSAGE")
        if isinstance(said, list):
            said = bytes(one & 255 for one in said if isinstance(one, int)).decode(errors="replace")
        moment, priority = str(entry.get("__REALTIME_TIMESTAMP", "")), str(entry.get("PRIORITY", ""))
        at = (
            datetime.fromtimestamp(int(moment) / 1e6, UTC)
            if moment.isdecimal() and len(moment) < 18
            else None
        )
        yield str(said or ""), at, int(priority) if priority in set("01234567") else None


def _line(text: str, at: datetime | None = None, priority: int | None = None) -> LogLine:
    """Redact first, cut then: half a secret would pass."""
    shown = prose(text)
    cut = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
    return LogLine(text=cut, at=at, wrong=sounds_wrong(text, priority))
