"""A bot that is killed while messages wait, and started again: each is told once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.messages import Message, Metadata, Notification, Operation, Paragraph, say
from bot.store.opening import open_store
from tests.chat.slack.running import CONFIG, Bot, Desk, started, workspace, written
from tests.clocks import RealClock
from tests.sandbox_process import Sandbox, running_sandbox
from tests.stores import KINDS, a_database, leases_end

ROWS = 24
LEASE_AND_MORE_S = 100


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(workspace()) as running:
        yield running


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_database(request.param, tmp_path) as url:
        yield url


def queue(url: str, texts: list[str]) -> None:
    """Put messages of as many alerts into a database, spread over channels."""
    store = open_store(url)
    now = RealClock().now()
    for number, text in enumerate(texts):
        metadata = Metadata(event_type="hangbot_alert", payload={"id": text})
        message = Message(text=text, sections=(Paragraph(line=say(text)),), metadata=metadata)
        notification = Notification(
            id=f"out_{text}",
            subject=f"alert:{text}",
            operation=Operation.POST,
            message=message,
            created_at=now,
            channel=f"C0R{number % 12:02}",
        )
        store.commit(notifications=[notification])
    store.close()


def told(sandbox: Sandbox) -> list[str]:
    rooms = [room for room in sandbox.state()["channels"] if room["id"].startswith("C0R")]
    return sorted(message["text"] for room in rooms for message in room["messages"])


def quiet(folder: Path, url: str = "sqlite:///hangbot.db") -> Path:
    silent = CONFIG.replace("probes: {interval: 2s, retry: 1s}", "probes: off")
    return written(folder, silent.replace("sqlite:///hangbot.db", url))


def wait_until_all_is_told(sandbox: Sandbox, url: str) -> None:
    sandbox.wait_for(lambda _: len(told(sandbox)) >= ROWS, LEASE_AND_MORE_S)
    store = open_store(url)
    sandbox.wait_for(lambda _: store.pending_notifications() == 0, LEASE_AND_MORE_S)
    store.close()


def test_a_killed_bot_tells_each_queued_message_once_after_its_restart(
    sandbox: Sandbox, tmp_path: Path, url: str
) -> None:
    config = quiet(tmp_path, url)
    texts = [f"m{number:02}" for number in range(ROWS)]
    sandbox.fault("slow", seconds=0.2, method="chat.postMessage")
    queue(url, texts)
    bots: list[Bot] = []
    try:
        for least in (3, 8, 14):  # three times killed in the middle of a message
            bots.append(started(sandbox, config))
            sandbox.wait_for(lambda _, least=least: len(told(sandbox)) >= least, 60)
            time.sleep(0.05)
            bots[-1].kill()
        sandbox.heal()
        leases_end(url, *(bot.process.pid for bot in bots))
        bots.append(started(sandbox, config))
        wait_until_all_is_told(sandbox, url)
    finally:
        for bot in bots:
            bot.stop()
    assert told(sandbox) == texts


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_bots_on_one_database_tell_each_message_once_though_one_is_killed(
    sandbox: Sandbox, tmp_path: Path, url: str
) -> None:
    texts = [f"m{number:02}" for number in range(ROWS)]
    sandbox.fault("slow", seconds=0.2, method="chat.postMessage")
    bots: list[Bot] = []
    try:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            bots.append(started(sandbox, quiet(tmp_path / name, url)))
        queue(url, texts)
        sandbox.wait_for(lambda _: len(told(sandbox)) >= ROWS // 3, 60)
        bots[0].kill()
        leases_end(url, bots[0].process.pid)
        sandbox.heal()
        wait_until_all_is_told(sandbox, url)
    finally:
        for bot in bots:
            bot.stop()
    assert told(sandbox) == texts


def test_a_command_that_was_answered_is_not_run_again_by_the_next_bot(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    config = quiet(tmp_path)
    desk = Desk(sandbox=sandbox, user="p01", id="U0P01")
    first = started(sandbox, config)
    assert desk.say("/hang hosts")["ok"]
    sandbox.wait_for(desk.said, 30)
    first.kill()
    second = started(sandbox, config)
    try:
        assert desk.say("/hang status")["ok"]
        sandbox.wait_for(
            lambda state: [one for one in desk.said(state) if "Probes are off" in one["text"]], 30
        )
    finally:
        second.stop()
    assert len([one for one in desk.said(sandbox.state()) if "I watch" in one["text"]]) == 1
