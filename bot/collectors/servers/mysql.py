"""The process list of MariaDB and MySQL as rows of JSON, and who waits for whom in InnoDB."""

import json
from collections.abc import Iterator
from typing import Any

from bot.domain.queries import shape
from bot.domain.sessions import Session


def sessions(sections: dict[str, str], client_port: int, ends: tuple[int, ...]) -> tuple[Session, ...]:
    """Return the sessions, ours first, none where ours is not among them; `idle in transaction` is said of one that sleeps with a transaction open."""
    del ends  # one process for all
    waits: dict[str, list[str]] = {}
    for line in sections.get("waits", "").splitlines():
        words = line.split()
        if len(words) == 2 and words[1] not in waits.setdefault(words[0], []):
            waits[words[0]].append(words[1])
    found = [_session(row, waits) for row in _rows(sections.get("sessions MySQL", ""))]
    found.sort(key=lambda one: one.client_port != client_port)
    return tuple(found) if found and found[0].client_port == client_port else ()


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and "id" in row:
            yield row


def _session(row: dict[str, Any], waits: dict[str, list[str]]) -> Session:
    client, _, port = str(row.get("host") or "").rpartition(":")
    sleeps = row.get("command") == "Sleep"
    state = "idle in transaction" if sleeps and row.get("transaction") else str(row.get("command") or "")
    return Session(
        id=str(row["id"]),
        state=state,
        for_s=float(row["for_s"]) if row.get("for_s") is not None else None,
        query=shape(str(row.get("query") or ""), quotes_are_strings=True),
        user=str(row.get("user") or ""),
        client=client,
        client_port=int(port) if port.isdecimal() else None,
        blockers=tuple(waits.get(str(row["id"]), ())),
        blocked=row.get("transaction") == "LOCK WAIT"
        or str(row.get("state") or "").startswith("Waiting for"),
    )
