"""PostgreSQL's `pg_stat_activity` and `pg_blocking_pids`, as rows of JSON."""

import json
from collections.abc import Iterator
from typing import Any

from bot.domain.queries import shape
from bot.domain.sessions import Session


def sessions(sections: dict[str, str], client_port: int, ends: tuple[int, ...]) -> tuple[Session, ...]:
    """Return the sessions, ours first: that of the client's port, or that of the process that has the connection."""
    rows = list(_rows(sections.get("sessions PostgreSQL", "")))
    rows.sort(key=lambda row: not (row.get("port") == client_port or row["id"] in ends))
    return tuple(map(_session, rows))


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and "id" in row:
            yield row


def _session(row: dict[str, Any]) -> Session:
    for_s = row.get("for_s")
    return Session(
        id=str(row["id"]),
        state=str(row.get("state") or ""),
        for_s=float(for_s) if for_s is not None else None,
        query=shape(str(row.get("query") or "")),
        user=str(row.get("user") or ""),
        client=str(row.get("client") or ""),
        client_port=row.get("port"),
        blockers=tuple(str(pid) for pid in row.get("blockers") or ()),
        blocked=bool(row.get("blocked")),
    )
