"""A migrated store in a moment, on each kind of database: the template is made once, each test copies it.

@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    with a_database(request.param, tmp_path) as url:
        yield url
"""

import atexit
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from bot.store import migrate
from bot.store.opening import open_store
from bot.store.sql import SqlStore
from tests import postgres

KINDS = ("sqlite", "postgresql")
LANDS_WITHIN_S = 4.0


@cache
def template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hangbot-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "empty.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


def fresh_store(folder: Path) -> SqlStore:
    """Return an SQLite store of its own in `folder`; close it at the end."""
    file = folder / "hangbot.db"
    shutil.copy(template(), file)
    return open_store(f"sqlite:///{file}")


@contextmanager
def a_database(kind: str, folder: Path) -> Iterator[str]:
    """Make a database of that kind with the schema; yield its URL. Skips where PostgreSQL is not installed."""
    if kind == "postgresql":
        with postgres.fresh_database() as url:
            yield url
        return
    file = folder / "hangbot.db"
    shutil.copy(template(), file)
    yield f"sqlite:///{file}"


def leases_end(url: str, *pids: int) -> None:
    """Let the minute be over for which killed processes had claimed what they were at; what they had sent has landed by then."""
    time.sleep(LANDS_WITHIN_S)
    engine = sa.create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
    try:
        for table in ("outbox", "jobs"):
            over = sa.text(
                f"UPDATE {table} SET lease_until = 1 WHERE lease_until > 1 AND worker LIKE :worker"
            )
            with engine.begin() as connection:
                for pid in pids:
                    connection.execute(over, {"worker": f"%:{pid}"})
    finally:
        engine.dispose()
