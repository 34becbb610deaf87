"""Every test of this folder that asks for a store or its `url` runs on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.opening import open_store
from bot.store.sql import SqlStore
from tests.stores import KINDS, a_database


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = open_store(url)
    yield opened
    opened.close()
