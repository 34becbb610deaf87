"""Schema migrations. For SQLite a process of its own runs them (`python -m bot.store.migrate URL`, the audit key on its
standard input): alembic is heavy and rarely needed. For PostgreSQL a person does (`hangbot db upgrade`).
"""

import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import StoreFault
from bot.store.database import open_engine, read, reason, shown
from bot.store.statements import Lock, lock

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
REVISION_TABLE = sa.table("alembic_version", sa.column("version_num"))
HEAD = "0006"


def head() -> str:
    """Return the revision that this version of the program needs."""
    return HEAD


def current(url: str) -> str | None:
    """Return the database's revision, None where it has no schema. Raises StoreFault where it cannot be read."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return None
    try:
        engine = open_engine(url)
        try:
            with engine.connect() as connection:
                if not sa.inspect(connection).has_table("alembic_version"):
                    return None
                return connection.execute(sa.select(REVISION_TABLE.c.version_num)).scalar()
        finally:
            engine.dispose()
    except sa.exc.DBAPIError as error:
        remedy = "Look whether the server runs, and who may log in as whom (PGPASSWORD, PGPASSFILE)"
        if file is not None:
            remedy = "It is left as it is: restore a backup, or name another one under `database:`"
        raise StoreFault(f"The database {shown(url)} cannot be read: {reason(error)}. {remedy}.") from error


def is_current(url: str) -> bool:
    """Return whether the schema is ours. Raises StoreFault for a newer one, which we would only damage."""
    revision = current(url)
    if revision is not None and revision > HEAD:
        raise StoreFault(
            f"The database's schema ({revision}) is newer than this version knows ({HEAD}): start the newer hangbot. "
            "`hangbot db upgrade` never takes a schema back."
        )
    return revision == HEAD


def require_current(url: str) -> None:
    """Raise StoreFault, which says what to type, where the schema is not ours."""
    if is_current(url):
        return
    revision = current(url)
    if revision is None:
        raise StoreFault(f"The database {shown(url)} has no tables yet. Type: hangbot db upgrade")
    raise StoreFault(
        f"The database's schema ({revision}) is older than this version needs ({HEAD}). "
        "Stop every hangbot that uses it, then type: hangbot db upgrade"
    )


def is_ours_to_upgrade(url: str) -> bool:
    """Return whether the schema is brought up to date by itself: a file is ours alone, a server is others' too."""
    return sqlite_file(url) is not None


def upgrade(url: str, *, audit_key: str | None = None) -> None:
    """Bring the schema to `head()` in one transaction; a new SQLite file is made with access for its owner alone.

    `audit_key` seals audit entries that are older than the chain.
    """
    if is_current(url):
        return
    _make_file(sqlite_file(url))
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            _run(connection, audit_key.encode() if audit_key else None)
            connection.commit()
    except sa.exc.DatabaseError as error:
        raise StoreFault(f"The database {shown(url)} cannot be changed: {reason(error)}.") from error
    finally:
        engine.dispose()


def _make_file(file: Path | None) -> None:
    if file is None or file.exists():
        return
    if not file.parent.is_dir():
        raise StoreFault(
            f"The folder {file.parent} of the database does not exist: make it, or change `database:`."
        )
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise StoreFault(
            f"The database {file} cannot be made: {error.strerror}. Change `database:`."
        ) from error


def _run(connection: sa.Connection, audit_key: bytes | None, *, to: str = "head") -> None:
    from alembic import command  # noqa: PLC0415 — never in a process that only asks which revision it is
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    attributes["audit_key"] = audit_key
    lock(connection, Lock.MIGRATE)
    command.upgrade(config, to)


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for other databases."""
    parsed = read(url)
    return Path(parsed.database) if parsed.drivername.startswith("sqlite") and parsed.database else None


if __name__ == "__main__":
    try:
        upgrade(sys.argv[1], audit_key=sys.stdin.read() or None)
    except StoreFault as fault:
        sys.exit(str(fault))
