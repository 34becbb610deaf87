"""The one row that says who leads. Each function runs inside the caller's transaction."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import StoreFault
from bot.domain.leading import Lead
from bot.store.schema import leader
from bot.store.statements import add

ROW = 1


def found(connection: sa.Connection) -> Lead | None:
    row = connection.execute(sa.select(leader).where(leader.c.id == ROW)).mappings().first()
    return (
        Lead(worker=row["worker"], process=row["process"], term=row["term"], beat=row["beat"])
        if row
        else None
    )


def take(connection: sa.Connection, *, worker: str, process: str, after: Lead | None) -> Lead | None:
    """Lead in a new term where nothing changed since `after` was read; None where somebody was quicker."""
    mine = Lead(worker=worker, process=process, term=after.term + 1 if after else 1, beat=0)
    if after is None:
        return mine if add(connection, leader, {"id": ROW, **_values(mine)}) else None
    unchanged = _of(after) & (leader.c.beat == after.beat)
    taken = leader.update().where(unchanged).values(**_values(mine))
    return mine if connection.execute(taken).rowcount == 1 else None


def keep(connection: sa.Connection, lead: Lead) -> Lead | None:
    """Show that one lives; None where another leads. Done again after an answer that was lost, it is no other's."""
    beats = leader.update().where(_of(lead)).values(beat=leader.c.beat + 1)
    return replace(lead, beat=lead.beat + 1) if connection.execute(beats).rowcount == 1 else None


def leave(connection: sa.Connection, lead: Lead) -> None:
    connection.execute(leader.update().where(_of(lead)).values(worker="", process="", beat=leader.c.beat + 1))


def require(connection: sa.Connection, term: int) -> None:
    """Raise StoreFault unless that term lasts; nobody else begins one before this transaction is over."""
    query = sa.select(leader.c.term).where(leader.c.id == ROW).with_for_update(read=True)
    if connection.execute(query).scalar() != term:
        raise StoreFault("another hangbot works on this database now: nothing was written")


def _of(lead: Lead) -> sa.ColumnElement[bool]:
    return (leader.c.id == ROW) & (leader.c.term == lead.term)


def _values(lead: Lead) -> dict[str, Any]:
    return {"worker": lead.worker, "process": lead.process, "term": lead.term, "beat": lead.beat}
