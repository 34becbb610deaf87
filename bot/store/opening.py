"""Open the store of a database whose schema is up to date."""

from bot.store.database import open_engine
from bot.store.sql import SqlStore


def open_store(url: str, *, audit_key: str | None = None) -> SqlStore:
    """Open a database whose schema is up to date (see `bot.store.migrate`); `audit_key` seals its audit trail."""
    return SqlStore(open_engine(url), audit_key=audit_key.encode() if audit_key else None)
