from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.settings import InspectPolicy
from bot.ports import Store
from bot.store.opening import open_store
from tests.flows.watch.night import Night, night
from tests.stores import KINDS, a_database, fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(params=KINDS)
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Yield a store on each kind of database."""
    with a_database(request.param, tmp_path) as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture
def calm(store: Store) -> Night:
    """A night in which nothing has happened yet."""
    played = night(store, inspect=InspectPolicy(auto=False))
    played.round()
    return played


@pytest.fixture
def firing(calm: Night) -> Night:
    """A night in which shop on web1 was told to be silent."""
    calm.fire()
    calm.said()
    return calm
