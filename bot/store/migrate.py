"""Schema migrations. A process of its own runs them (`python -m bot.store.migrate URL`): alembic is heavy and rarely needed."""

import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import StoreFault
from bot.store.database import open_engine

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
REVISION_TABLE = sa.table("alembic_version", sa.column("version_num"))
HEAD = "0001"


def head() -> str:
    """Return the revision that this version of the program needs."""
    return HEAD


def current(url: str) -> str | None:
    """Return the database's revision, None where it has no schema. Raises StoreFault where it cannot be read."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return None
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(sa.select(REVISION_TABLE.c.version_num)).scalar()
    except sa.exc.DatabaseError as error:
        raise StoreFault(
            f"The database {file or url} cannot be read: {error.orig}. It is left as it is: "
            "restore a backup, or name another one under `database:`."
        ) from error
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Return whether the schema is ours. Raises StoreFault for a newer one, which we would only damage."""
    revision = current(url)
    if revision is not None and revision > HEAD:
        raise StoreFault(
            f"The database's schema ({revision}) is newer than this version knows ({HEAD}): start the newer hangbot."
        )
    return revision == HEAD


def upgrade(url: str) -> None:
    """Bring the schema to `head()`; a new SQLite file is made with access for its owner alone."""
    if is_current(url):
        return
    file = sqlite_file(url)
    if file is not None and not file.exists():
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
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            _run(connection)
            connection.commit()
    except sa.exc.DatabaseError as error:
        raise StoreFault(f"The database {file or url} cannot be changed: {error.orig}.") from error
    finally:
        engine.dispose()


def _run(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 — never in a process that only asks which revision it is
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    command.upgrade(config, "head")


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite URL, None for other databases."""
    parsed = sa.make_url(url)
    return Path(parsed.database) if parsed.drivername.startswith("sqlite") and parsed.database else None


if __name__ == "__main__":
    try:
        upgrade(sys.argv[1])
    except StoreFault as fault:
        sys.exit(str(fault))
