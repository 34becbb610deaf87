"""The audit trail: only ever added to, and when it was not, the first entry that is not as it was written is named."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.domain.audit import GENESIS, Broken, Flaw, Intact, seal, verify
from bot.store.database import open_engine
from bot.store.opening import open_store
from bot.store.sql import SqlStore
from tests.contracts.store.values import an_entry

ROOT = Path(__file__).resolve().parents[3]
KEY = "a key that is kept outside of the database"


@pytest.fixture(params=[None, KEY], ids=["no-key", "key"])
def key(request: pytest.FixtureRequest) -> str | None:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def filled(url: str, key: str | None) -> Iterator[SqlStore]:
    """Yield a store with an audit trail of five entries, one after the other."""
    store = open_store(url, audit_key=key)
    for number in range(1, 6):
        store.commit(audit=[an_entry(number)])
    yield store
    store.close()


def checked(store: SqlStore, key: str | None) -> Intact | Broken:
    return verify(store.audit_links(), key=key.encode() if key else None)


def behind_the_triggers(url: str, *statements: str) -> None:
    """Do as somebody with all rights on the database could: take the triggers away first."""
    engine = open_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for act in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER audit_no_{act}"))
        else:
            connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_the_audit_trail_is_only_ever_added_to(filled: SqlStore, url: str) -> None:
    statements = ["UPDATE audit SET body = ''", "DELETE FROM audit"]
    if url.startswith("postgresql"):
        statements.append("TRUNCATE audit")  # SQLite has none
    engine = open_engine(url)
    for statement in statements:
        with pytest.raises(sa.exc.IntegrityError, match="only ever added to"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()
    assert len(filled.audit()) == 5


def test_a_trail_that_was_left_alone_is_intact_and_its_head_is_the_last_hash(
    filled: SqlStore, key: str | None
) -> None:
    *_, last = filled.audit_links()
    assert checked(filled, key) == Intact(entries=5, head=last.hash, unkeyed=0 if key else 5)


def test_an_empty_trail_is_intact(url: str, key: str | None) -> None:
    store = open_store(url, audit_key=key)
    assert checked(store, key) == Intact(entries=0, head=GENESIS)
    store.close()


SPOILT = {
    "edited": (["UPDATE audit SET body = replace(body, 'ack', 'run') WHERE seq = 3"], 3, Flaw.EDITED),
    "its moment edited": (["UPDATE audit SET at = at + 60 WHERE seq = 3"], 3, Flaw.EDITED),
    "its id edited": (["UPDATE audit SET id = 'aud_9' WHERE seq = 3"], 3, Flaw.EDITED),
    "removed": (["DELETE FROM audit WHERE seq = 3"], 4, Flaw.MISSING),
    "the first removed": (["DELETE FROM audit WHERE seq = 1"], 2, Flaw.MISSING),
    "removed and closed up": (
        ["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = 5"],
        3,
        Flaw.MOVED,
    ),
    "reordered": (
        ["UPDATE audit SET seq = 99 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 99"],
        2,
        Flaw.MOVED,
    ),
    "inserted at the end": (
        ["INSERT INTO audit (seq, id, at, body) SELECT 6, 'aud_x', at, body FROM audit WHERE seq = 5"],
        6,
        Flaw.EDITED,
    ),
    "repeated at the end": (
        ["INSERT INTO audit (seq, id, at, body, previous, hash) SELECT 6, 'aud_x', at, body, previous, hash FROM audit WHERE seq = 5"],
        6,
        Flaw.EDITED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_the_first_entry_that_is_not_as_it_was_written_is_named(
    filled: SqlStore, url: str, key: str | None, how: str
) -> None:
    statements, number, flaw = SPOILT[how]
    behind_the_triggers(url, *statements)
    found = checked(filled, key)
    assert isinstance(found, Broken)
    assert (found.number, found.flaw) == (number, flaw)


def test_a_cut_tail_is_found_by_whoever_noted_the_head(filled: SqlStore, url: str, key: str | None) -> None:
    noted = checked(filled, key)
    behind_the_triggers(url, "DELETE FROM audit WHERE seq > 3")
    found = checked(filled, key)
    assert isinstance(found, Intact)
    assert isinstance(noted, Intact)
    assert (found.entries, noted.entries) == (3, 5)
    assert found.head != noted.head


def test_whoever_can_write_but_has_not_the_key_cannot_seal_what_they_changed(
    filled: SqlStore, url: str, key: str | None
) -> None:
    *_, before, last = filled.audit_links()
    body = last.body.replace("ack", "run")
    forged = seal(before.hash, entry=last.id, at=last.at, body=body, key=None)
    behind_the_triggers(
        url, f"UPDATE audit SET body = '{body.replace(':', chr(92) + ':')}', hash = '{forged}' WHERE seq = 5"
    )
    found = checked(filled, key)
    if key:
        assert found == Broken(number=5, id="aud_5", flaw=Flaw.EDITED)
    else:
        assert isinstance(found, Intact)  # which is why there is a key, and an anchor


def test_a_key_may_come_later_and_is_then_never_left_out_again(url: str) -> None:
    for number, key in enumerate((None, None, KEY, KEY), start=1):
        store = open_store(url, audit_key=key)
        store.commit(audit=[an_entry(number)])
        store.close()
    store = open_store(url)
    found = checked(store, KEY)
    assert isinstance(found, Intact)
    assert (found.entries, found.unkeyed) == (4, 2)
    store.commit(audit=[an_entry(5)])
    assert checked(store, KEY) == Broken(number=5, id="aud_5", flaw=Flaw.EDITED)
    assert checked(store, "another key") == Broken(number=3, id="aud_3", flaw=Flaw.EDITED)
    store.close()


WRITER = """
import sys
from datetime import UTC, datetime
from bot.domain.audit import AuditEntry
from bot.store.opening import open_store
store = open_store(sys.argv[1], audit_key="k")
for number in range(40):
    entry = AuditEntry(id=f"aud_{sys.argv[2]}_{number}", at=datetime(2026, 11, 24, tzinfo=UTC), actor="U1", verb="ack")
    store.commit(audit=[entry])
store.close()
"""


def test_those_who_write_at_once_make_one_chain(url: str) -> None:
    argv = (sys.executable, "-c", WRITER, url)
    writers = [subprocess.Popen((*argv, str(number)), cwd=ROOT) for number in range(3)]
    assert [writer.wait(100) for writer in writers] == [0, 0, 0]
    store = open_store(url, audit_key="k")
    found = checked(store, "k")
    store.close()
    assert isinstance(found, Intact)
    assert (found.entries, found.unkeyed) == (120, 0)
