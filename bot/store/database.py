"""Connections: how each kind of database is opened so that nothing acknowledged is lost, and what its failures mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import StoreFault, StoreUnavailable

PATIENCE_S = 10.0
"""How long a transaction waits for what another one holds."""
STALLED_S = 30
"""How long a transaction may do nothing, as that of a stopped process, before PostgreSQL ends it and lets others pass."""
LIBPQ = {
    "application_name": "hangbot",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""What the URL does not say itself: a server that is gone without a word is noticed within half a minute."""


def open_engine(url: str) -> sa.Engine:
    """Return an engine for SQLite or PostgreSQL; errors never show what was stored. Raises StoreFault for another address."""
    parsed = read(url)
    return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)


def _sqlite(url: sa.URL) -> sa.Engine:
    """Return an engine whose every transaction takes the write lock first.

    A transaction that reads and then writes fails at once when another one wrote in between, whatever the busy
    timeout says (sqlite.org/rescode.html#busy_snapshot): so each begins IMMEDIATE. WAL with synchronous=FULL keeps
    what was committed over a kill.
    """
    arguments = {"timeout": PATIENCE_S, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=arguments, hide_parameters=True)

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


def _postgresql(url: sa.URL) -> sa.Engine:
    """Return an engine at READ COMMITTED, whatever the server's default: `statements` says why that is enough.

    Statements are not prepared on the server: that fails behind a pooler, and after a migration beside a running bot.
    """
    said = {name: value for name, value in LIBPQ.items() if name not in url.query}
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={**said, "prepare_threshold": None},
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        try:
            connection.execute(f"SET lock_timeout = '{PATIENCE_S:.0f}s'")
            connection.execute(f"SET idle_in_transaction_session_timeout = '{STALLED_S}s'")
            connection.commit()
        except Exception:
            connection.close()  # else nobody does: the pool does not know it yet
            raise

    return engine


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Run one transaction. Raises StoreUnavailable or StoreFault for what the database cannot do; see `as_fault`."""
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.SQLAlchemyError as error:
        fault = as_fault(error, engine.url)
        if fault is None:
            raise
        raise fault from error


def as_fault(error: sa.exc.SQLAlchemyError, url: sa.URL) -> StoreFault | None:
    """Return what an error of the database says to a caller, None where it is a mistake of ours.

    Whoever gets StoreUnavailable may do the same again. Where the answer to COMMIT was lost, the first try may have
    been kept: an id that is known is not stored twice, and a version that moved on is a Conflict.
    """
    where = f"The database {shown(url)}"
    if isinstance(error, sa.exc.TimeoutError):
        return StoreUnavailable(f"{where} is busy: every connection to it is in use.")
    if not isinstance(error, sa.exc.DBAPIError) or isinstance(error, sa.exc.IntegrityError):
        return None
    if _passes(error):
        return StoreUnavailable(f"{where} cannot be used just now: {reason(error)}.")
    if type(error) is sa.exc.DatabaseError:  # SQLite's word for a file that is damaged
        return StoreFault(f"{where} is damaged: {reason(error)}. Restore a backup.")
    return None


def _passes(error: sa.exc.DBAPIError) -> bool:
    """Return whether a later try may succeed: locked, full, restarted, cut off, or on a standby for the moment."""
    stands_by = getattr(error.orig, "sqlstate", None) == "25006"  # read_only_sql_transaction
    lost = error.connection_invalidated or isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError))
    return lost or stands_by


def reason(error: sa.exc.DBAPIError) -> str:
    """Return the first line of what the database said."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return lines[0].rstrip(".")


def read(url: str | sa.URL) -> sa.URL:
    """Read a database's address. Raises StoreFault, which does not repeat it: there may be a password in it."""
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() in ("sqlite", "postgresql"):
            return parsed
    except (sa.exc.ArgumentError, ValueError):
        pass
    raise StoreFault(
        "This is no database address: write sqlite:///hangbot.db or postgresql+psycopg://user@host/name"
    )


def shown(url: str | sa.URL) -> str:
    """Name a database to a person: its file, or its address without the password and parameters but its servers."""
    parsed = read(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.database or ""
    servers = {key: value for key, value in parsed.query.items() if key in ("host", "port")}
    return parsed.set(query=servers).render_as_string(hide_password=True)
