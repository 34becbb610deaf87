"""The few statements that must be right whoever else writes: each is one statement, or one lock and what it guards.

SQLite lets one transaction write at a time, so there all of this is plain order. PostgreSQL runs many, each statement
seeing what was committed when it began (READ COMMITTED); what must not happen twice is then a unique key, a version or
a lock, never a look before the leap. Locks last until the transaction ends, and every transaction takes its rows and
locks in one order, so that no two wait for each other.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Protocol
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.errors import Conflict

HANGBOT = 0x68616E67
"""The first half of our advisory locks' names: other programs on the same database have their own."""
SHARDS = 64
"""Subjects share this many locks: a transaction of thousands of messages must fit into the server's lock table."""


class Identified(Protocol):
    @property
    def id(self) -> str: ...


class Lock(IntEnum):
    """What is done by one transaction at a time. Subjects follow, one number per shard."""

    MIGRATE = 0
    AUDIT = 1
    PRUNE = 2
    SUBJECTS = 100


def lock(connection: sa.Connection, name: int) -> None:
    """Wait until nobody else holds this lock; hold it until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(HANGBOT, int(name))))


def lock_subjects(connection: sa.Connection, subjects: set[str]) -> None:
    """Lock subjects against each other's writers: so their rows are numbered in the order in which they can be seen."""
    for shard in sorted({crc32(subject.encode()) % SHARDS for subject in subjects}):
        lock(connection, Lock.SUBJECTS + shard)


def add(connection: sa.Connection, table: sa.Table, row: dict[str, Any], *, key: str | None = None) -> bool:
    """Insert a row; return False where one of the same key (None: of any unique key of the table) is there already."""
    unique = [key] if key else None
    statement = _insert(connection, table).values(**row).on_conflict_do_nothing(index_elements=unique)
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted).rowcount == 1


def write(connection: sa.Connection, table: sa.Table, row: dict[str, Any], *, version: int) -> None:
    """Insert what was never stored (version 0), update what is stored as it was read; else raise Conflict."""
    if version == 0:
        if not add(connection, table, row):
            raise Conflict(f"{table.name} {row['id']} was stored meanwhile")
        return
    same = (table.c.id == row["id"]) & (table.c.version == version)
    if connection.execute(table.update().where(same).values(**row)).rowcount != 1:
        raise Conflict(f"{table.name} {row['id']} changed meanwhile")


def replace(connection: sa.Connection, table: sa.Table, row: dict[str, Any], *, key: str) -> None:
    """Insert a row, or change the one of the same key."""
    others = {name: value for name, value in row.items() if name != key}
    statement = _insert(connection, table).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=others))


def replace_all(
    connection: sa.Connection, table: sa.Table, many: Sequence[dict[str, Any]], *, key: str | Sequence[str]
) -> None:
    """Insert rows, or change those of the same keys, in one go."""
    if not many:
        return
    keys = [key] if isinstance(key, str) else list(key)
    statement = _insert(connection, table)
    others = {name: statement.excluded[name] for name in many[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), many)


def _insert(connection: sa.Connection, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def plain(text: str) -> str:
    """Return the text without NUL, which PostgreSQL cannot store."""
    return text.replace("\0", "�")


def by_id(value: Identified) -> str:
    """Sort by this what one transaction writes: two that write the same rows then never wait for each other in a ring."""
    return value.id
