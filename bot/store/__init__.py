"""All that must survive, in SQLite or PostgreSQL. The only place with SQLAlchemy."""

from bot.store.database import open_engine
from bot.store.sql import SqlStore


def open_store(url: str) -> SqlStore:
    """Open a database whose schema is up to date (see `bot.store.migrate`)."""
    return SqlStore(open_engine(url))
