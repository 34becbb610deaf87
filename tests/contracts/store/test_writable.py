"""Whether the store takes what is written is tried by writing."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.errors import StoreFault
from bot.ports import Store
from tests.contracts.store.values import LATER, NOW
from tests.stores import fresh_store


def test_a_store_that_works_is_proved_again_and_again(store: Store) -> None:
    for now in (NOW, LATER, NOW):
        store.prove_writable(now=now)
    assert store.first_time("a delivery", now=NOW)


def test_a_database_that_takes_nothing_is_told(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)

    @sa.event.listens_for(store._engine, "connect")
    def write_nothing(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    try:
        with pytest.raises(StoreFault, match="readonly"):
            store.prove_writable(now=NOW)
    finally:
        store.close()
