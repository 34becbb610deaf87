from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ports import Store
from bot.store.opening import open_store
from tests.flows.review.planning import Planning, planning
from tests.stores import KINDS, a_database, fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def plan(store: Store) -> Planning:
    return planning(store)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_database(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def on_each_database(url: str) -> Iterator[Planning]:
    opened = open_store(url)
    yield planning(opened)
    opened.close()
