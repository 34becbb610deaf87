"""The audit trail's rows: each sealed to the one before it, in the transaction of what it tells."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from bot.domain.audit import GENESIS, AuditEntry, Link, concerns, seal
from bot.domain.errors import StoreFault
from bot.store import rows
from bot.store.schema import audit
from bot.store.statements import Lock, add, lock

AT_ONCE = 500


def append(connection: sa.Connection, entries: Sequence[AuditEntry], *, key: bytes | None) -> None:
    """Add entries to the end of the chain; one whose id is known is there already.

    To be called last: whoever else has something to add waits until this transaction ends.
    """
    if not entries:
        return
    lock(connection, Lock.AUDIT)
    last = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    number, previous = connection.execute(last).one_or_none() or (0, GENESIS)
    for entry in entries:
        row = rows.audit_row(entry)
        own = seal(previous, entry=row["id"], at=row["at"], body=row["body"], key=key)
        if add(connection, audit, {**row, "seq": number + 1, "previous": previous, "hash": own}, key="id"):
            number, previous = number + 1, own


def newest(connection: sa.Connection, *, limit: int, host: str | None) -> list[AuditEntry]:
    """Return the newest entries (that concern a host), newest first. Raises StoreFault for one that cannot be read."""
    query = sa.select(audit.c.seq, audit.c.body).order_by(audit.c.seq.desc())
    found: list[AuditEntry] = []
    with connection.execute(query.execution_options(yield_per=AT_ONCE)) as result:
        for row in result:
            if len(found) == limit:
                break
            entry = _read(row.seq, row.body)
            if host is None or concerns(entry, host):
                found.append(entry)
    return found


def _read(number: int, body: str) -> AuditEntry:
    try:
        return rows.AUDIT.read(body)
    except StoreFault as error:
        raise StoreFault(f"Audit entry {number} cannot be read. Type: hangbot audit verify") from error


def links(connection: sa.Connection) -> Iterator[Link]:
    """Yield the chain, first entry first; not all of it in memory at once."""
    at = 0
    while True:
        query = sa.select(audit).where(audit.c.seq > at).order_by(audit.c.seq).limit(AT_ONCE)
        found = connection.execute(query).all()
        for row in found:
            yield Link(
                number=row.seq, id=row.id, at=row.at, body=row.body, previous=row.previous, hash=row.hash
            )
        if len(found) < AT_ONCE:
            return
        at = found[-1].seq
