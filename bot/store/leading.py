"""The one row that says who leads. Each function runs inside the caller's transaction."""

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
    return mine if _changed(connection, after, mine) else None


def keep(connection: sa.Connection, lead: Lead) -> Lead | None:
    """Show that one lives; None where another leads."""
    mine = Lead(worker=lead.worker, process=lead.process, term=lead.term, beat=lead.beat + 1)
    return mine if _changed(connection, lead, mine) else None


def leave(connection: sa.Connection, lead: Lead) -> None:
    _changed(connection, lead, Lead(worker="", process="", term=lead.term, beat=lead.beat + 1))


def require(connection: sa.Connection, term: int) -> None:
    """Raise StoreFault unless that term lasts; nobody else begins one before this transaction is over."""
    query = sa.select(leader.c.term).where(leader.c.id == ROW).with_for_update(read=True)
    if connection.execute(query).scalar() != term:
        raise StoreFault("another hangbot works on this database now: nothing was written")


def _changed(connection: sa.Connection, was: Lead, now: Lead) -> bool:
    same = (leader.c.id == ROW) & (leader.c.term == was.term) & (leader.c.beat == was.beat)
    return connection.execute(leader.update().where(same).values(**_values(now))).rowcount == 1


def _values(lead: Lead) -> dict[str, Any]:
    return {"worker": lead.worker, "process": lead.process, "term": lead.term, "beat": lead.beat}
