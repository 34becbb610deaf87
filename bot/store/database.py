"""Connections: how each kind of database is opened so that nothing acknowledged is lost."""

from typing import Any

import sqlalchemy as sa

BUSY_TIMEOUT_S = 10.0


def open_engine(url: str) -> sa.Engine:
    """Return an engine whose every transaction takes the write lock first.

    SQLite: a transaction that reads and then writes fails at once when another one wrote in between, whatever the
    busy timeout says (sqlite.org/rescode.html#busy_snapshot): so each begins IMMEDIATE. WAL with synchronous=FULL
    keeps what was committed over a kill.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late: ours is below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
