"""The database as a person at a terminal sees to it: its schema, its move to another one, and the audit trail in it."""

from bot.app.parts import AUDIT_KEY, Start, bring_up_to_date, opened_store
from bot.config.found_secrets import carries_password
from bot.config.secrets import secret
from bot.domain.audit import Broken, verify
from bot.domain.errors import StoreFault
from bot.present.audit import Trail
from bot.store import copying, migrate


def audit(start: Start, host: str | None, *, limit: int, verified: bool) -> Trail:
    """Return the newest audit entries (of a host), or whether the chain is intact; for a host both, where it is."""
    settings, key = start.settings(), secret(AUDIT_KEY, start.environ)
    with opened_store(start, settings) as store:
        found = verify(store.audit_links(), key=key.encode() if key else None) if verified else None
        unread = verified and (host is None or isinstance(found, Broken))
        entries = None if unread else store.audit(limit=limit, host=host)[::-1]
    return Trail(entries=entries, zone=settings.timezone, found=found)


def db_upgrade(start: Start) -> str:
    url = start.settings().database
    migrate.upgrade(url, audit_key=secret(AUDIT_KEY, start.environ))
    return f"The schema is at {migrate.current(url)}."


def db_current(start: Start) -> str:
    url = start.settings().database
    return f"{migrate.current(url) or 'no schema yet'} (this version: {migrate.head()})"


def db_copy(start: Start, target: str) -> str:
    """Move everything to another database. Raises StoreFault, where nothing was moved."""
    if carries_password(target):
        raise StoreFault(
            "Everybody on this machine can read a command line: take the password out, and give it in PGPASSWORD or PGPASSFILE."
        )
    settings, key = start.settings(), secret(AUDIT_KEY, start.environ)
    bring_up_to_date(settings.database, audit_key=key)
    copied = copying.copy(settings.database, target, audit_key=key)
    listed = ", ".join(f"{number} {name}" for name, number in copied.items() if number) or "nothing"
    return f"Copied: {listed}. Write the new address under `database:` before you start the bot again."
