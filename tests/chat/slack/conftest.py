"""A sandbox and a bot per module; each test types at a desk of its own."""

from collections.abc import Iterator

import pytest

from tests.chat.slack.running import CONFIG, OVER_HTTP, ROOMS, Bot, Desk, running_bot, workspace
from tests.sandbox_process import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def mode() -> str:
    """How Slack reaches the bot; a file that is about both is parametrized by it."""
    return "socket"


@pytest.fixture(scope="module")
def sandbox(mode: str) -> Iterator[Sandbox]:
    with running_sandbox(workspace()) as running:
        yield running


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    text = OVER_HTTP if mode == "http" else CONFIG
    with running_bot(sandbox, tmp_path_factory.mktemp("bot"), text) as running:
        yield running


@pytest.fixture(scope="module")
def rooms() -> Iterator[str]:
    return (f"C0R{number:02}" for number in range(ROOMS))


@pytest.fixture
def room(rooms: Iterator[str]) -> str:
    return next(rooms)


@pytest.fixture(scope="module")
def desks(sandbox: Sandbox) -> Iterator[Desk]:
    return (Desk(sandbox=sandbox, user=f"p{n:02}", id=f"U0P{n:02}") for n in range(ROOMS))


@pytest.fixture
def desk(desks: Iterator[Desk]) -> Desk:
    return next(desks)
