"""A sandbox and a bot per module; each test types in a channel of its own, since a channel takes a message a second."""

from collections.abc import Iterator

import pytest

from tests.chat.slack.running import ROOMS, Bot, running_bot, workspace
from tests.sandbox_process import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(workspace()) as running:
        yield running


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(sandbox, tmp_path_factory.mktemp("bot")) as running:
        yield running


@pytest.fixture(scope="module")
def rooms() -> Iterator[str]:
    return (f"C0R{number:02}" for number in range(ROOMS))


@pytest.fixture
def room(rooms: Iterator[str]) -> str:
    return next(rooms)
