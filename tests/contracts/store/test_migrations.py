"""From nothing, or from what an older version left, to the schema of this version."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.domain.audit import Intact, verify
from bot.domain.errors import StoreFault
from bot.store import migrate, rows
from bot.store.database import open_engine
from bot.store.opening import open_store
from bot.store.schema import metadata
from tests import postgres
from tests.contracts.store.values import an_alert, an_entry
from tests.stores import KINDS


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
    else:
        with postgres.empty_database() as url:
            yield url


def change(url: str, act: Callable[[sa.Connection], object]) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        act(connection)
    engine.dispose()


def pretend(url: str, revision: str) -> None:
    change(
        url,
        lambda connection: connection.execute(
            sa.text(f"UPDATE alembic_version SET version_num = '{revision}'")
        ),
    )


def test_the_schema_goes_from_nothing_to_head_and_then_is_left_alone(empty: str) -> None:
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert migrate.current(empty) == migrate.head()
    migrate.upgrade(empty)


def test_migrations_end_at_the_tables_that_the_store_uses(empty: str) -> None:
    migrate.upgrade(empty)
    differences: list[object] = []
    change(
        empty,
        lambda connection: differences.extend(
            compare_metadata(MigrationContext.configure(connection), metadata)
        ),
    )
    assert differences == []


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path}/new.db")
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0


def known_to(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return what an older table has columns for."""
    return {name: value for name, value in row.items() if name in table.columns}


@pytest.mark.parametrize("key", [None, "hush"])
def test_what_the_first_version_stored_is_kept_and_its_audit_trail_becomes_a_chain(
    empty: str, key: str | None
) -> None:
    if empty.startswith("sqlite"):
        sqlite3.connect(migrate.sqlite_file(empty)).close()
    change(empty, lambda connection: migrate._run(connection, None, to="0001"))
    assert migrate.current(empty) == "0001"
    old = sa.MetaData()

    def fill(connection: sa.Connection) -> None:
        old.reflect(connection)
        connection.execute(
            old.tables["alerts"].insert().values(**known_to(old.tables["alerts"], rows.alert_row(an_alert())))
        )
        for number in (1, 2, 4):  # PostgreSQL's own counting leaves gaps
            connection.execute(
                old.tables["audit"].insert().values(seq=number, **rows.audit_row(an_entry(number)))
            )

    change(empty, fill)
    migrate.upgrade(empty, audit_key=key)
    store = open_store(empty, audit_key=key)
    store.commit(audit=[an_entry(5)])
    assert store.alert("alr_1") == an_alert(version=1)
    assert [entry.id for entry in store.audit()] == ["aud_5", "aud_4", "aud_2", "aud_1"]
    found = verify(store.audit_links(), key=key.encode() if key else None)
    store.close()
    assert isinstance(found, Intact)
    assert (found.entries, found.unkeyed) == (4, 0 if key else 4)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("my notes, not a database\n" * 100)
    with pytest.raises(StoreFault, match="left as it is"):
        migrate.upgrade(f"sqlite:///{file}")
    assert file.read_text().startswith("my notes")


def test_a_schema_that_is_missing_older_or_newer_is_told_apart(url: str) -> None:
    migrate.require_current(url)
    pretend(url, "9999")
    with pytest.raises(StoreFault, match=r"newer than this version knows .* `hangbot db upgrade` never"):
        migrate.require_current(url)
    with pytest.raises(StoreFault, match="newer"):
        migrate.upgrade(url)
    pretend(url, "0001")
    with pytest.raises(StoreFault, match=r"older than this version needs .* hangbot db upgrade"):
        migrate.require_current(url)


def test_a_database_without_tables_says_what_to_type(empty: str) -> None:
    with pytest.raises(StoreFault, match=r"no tables yet\. Type: hangbot db upgrade"):
        migrate.require_current(empty)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = f"postgresql+psycopg://bot:hunter2@127.0.0.1:{postgres.free_port()}/hangbot?sslpassword=hunter2"
    with pytest.raises(
        StoreFault, match=r"postgresql\+psycopg://bot:\*\*\*@127.0.0.1:\d+/hangbot cannot be read"
    ) as told:
        migrate.current(url)
    assert "hunter2" not in str(told.value)


def test_an_address_of_two_servers_names_both_without_the_password() -> None:
    first, second = postgres.free_port(), postgres.free_port()
    servers = f"host=127.0.0.1%3A{first}&host=127.0.0.1%3A{second}"
    url = f"postgresql+psycopg://bot:hunter2@/hangbot?{servers}&sslpassword=hunter2&target_session_attrs=read-write"
    with pytest.raises(
        StoreFault, match=rf"//bot:\*\*\*@/hangbot\?\S*{first}\S*{second} cannot be read"
    ) as told:
        migrate.current(url)
    assert "hunter2" not in str(told.value)
