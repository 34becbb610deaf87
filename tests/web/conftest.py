"""A sandbox and a bot per module, in Socket Mode or, where a file says so, in HTTP mode; the bot listens either way."""

from collections.abc import Iterator

import pytest

from tests.chat.slack.running import CONFIG, OVER_HTTP, Bot, running_bot, workspace
from tests.sandbox_process import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def mode() -> str:
    return "socket"


@pytest.fixture(scope="module")
def sandbox(mode: str) -> Iterator[Sandbox]:
    with running_sandbox(workspace()) as running:
        yield running


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    text = OVER_HTTP if mode == "http" else CONFIG
    with running_bot(sandbox, tmp_path_factory.mktemp("bot"), text, http="127.0.0.1:0") as running:
        yield running
