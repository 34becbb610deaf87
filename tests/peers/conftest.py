from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ports import Store
from tests.stores import fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()
