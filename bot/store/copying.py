"""Everything of one database into another, of whichever kind: table by table, in one transaction on the target."""

from collections.abc import Mapping

import sqlalchemy as sa

from bot.domain.errors import StoreFault
from bot.store import migrate
from bot.store.database import open_engine, shown, transaction
from bot.store.schema import SEQUENCE, metadata

AT_ONCE = 500


def copy(source: str, target: str, *, audit_key: str | None) -> Mapping[str, int]:
    """Copy all rows as they are; return how many of each table. The audit trail stays the chain it is.

    The source must have this version's schema; the target gets it where it has none. Raises StoreFault where the target
    holds anything, or where not all arrived; nothing is left there then.
    """
    migrate.require_current(source)
    if migrate.current(target) is None:
        migrate.upgrade(target, audit_key=audit_key)
    migrate.require_current(target)
    origin, goal = open_engine(source), open_engine(target)
    if origin.dialect.name == "postgresql":  # one view of all tables, whoever writes meanwhile
        origin = origin.execution_options(isolation_level="REPEATABLE READ")
    try:
        with transaction(origin) as reading, transaction(goal) as writing:
            _refuse_filled(writing, target)
            return {table.name: _table(reading, writing, table) for table in metadata.sorted_tables}
    finally:
        origin.dispose()
        goal.dispose()


def _refuse_filled(connection: sa.Connection, target: str) -> None:
    for table in metadata.sorted_tables:
        if _count(connection, table):
            raise StoreFault(
                f"The database {shown(target)} is not empty ({table.name}): nothing was copied. Name another one."
            )


def _table(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> int:
    """Copy one table, a batch at a time; return how many rows arrived."""
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    for batch in reading.execute(query).mappings().partitions():
        writing.execute(table.insert(), [dict(row) for row in batch])
    there, here = _count(reading, table), _count(writing, table)
    if there != here:
        raise StoreFault(f"Of {there} rows in {table.name} {here} arrived: nothing was copied.")
    _count_on(writing, table)
    return here


def _count_on(connection: sa.Connection, table: sa.Table) -> None:
    """Have PostgreSQL number the next row after the last that was copied; SQLite looks by itself."""
    for column in table.primary_key.columns:
        if connection.dialect.name == "postgresql" and column.type is SEQUENCE:
            last = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
            counter = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(counter, last, sa.false())))


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
