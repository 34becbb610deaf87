"""A bot beside a service that runs on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ports import Store
from tests.flows.remediate.programs import Victim
from tests.flows.remediate.stage import Stage, here, scratch, stage
from tests.sshd import free_port
from tests.stores import fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    made = scratch(tmp_path, free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def bot(store: Store, victim: Victim) -> Iterator[Stage]:
    made = stage(store, victim, here())
    yield made
    made.services.hosts.close()
    assert made.services.telemetry.failures == []  # type: ignore[attr-defined]
