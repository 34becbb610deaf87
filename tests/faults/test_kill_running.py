"""A bot that is killed while messages wait, and started again: each is told once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.messages import Message, Metadata, Notification, Operation, Paragraph, say
from bot.store import open_store
from tests.chat.slack.running import CONFIG, Bot, Desk, started, workspace, written
from tests.clocks import RealClock
from tests.sandbox_process import Sandbox, running_sandbox
from tests.stores import fresh_store

ROWS = 24
LEASE_AND_MORE_S = 100


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(workspace()) as running:
        yield running


def queue(database: Path, texts: list[str]) -> None:
    """Put messages of as many alerts into a database, spread over channels."""
    store = open_store(f"sqlite:///{database}")
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


def quiet(folder: Path) -> Path:
    return written(folder, CONFIG.replace("probes: {interval: 2s, retry: 1s}", "probes: off"))


def test_a_killed_bot_tells_each_queued_message_once_after_its_restart(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fresh_store(tmp_path).close()
    config = quiet(tmp_path)
    texts = [f"m{number:02}" for number in range(ROWS)]
    sandbox.fault("slow", seconds=0.2, method="chat.postMessage")
    queue(tmp_path / "hangbot.db", texts)
    bots: list[Bot] = []
    try:
        for least in (3, 8, 14):  # three times killed in the middle of a message
            bots.append(started(sandbox, config))
            sandbox.wait_for(lambda _, least=least: len(told(sandbox)) >= least, 60)
            time.sleep(0.05)
            bots[-1].kill()
        sandbox.heal()
        bots.append(started(sandbox, config))
        sandbox.wait_for(lambda _: len(told(sandbox)) >= ROWS, LEASE_AND_MORE_S)
        store = open_store(f"sqlite:///{tmp_path / 'hangbot.db'}")
        sandbox.wait_for(lambda _: store.pending_notifications() == 0, LEASE_AND_MORE_S)
        store.close()
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
        sandbox.wait_for(lambda state: [one for one in desk.said(state) if "well" in one["text"]], 30)
    finally:
        second.stop()
    assert len([one for one in desk.said(sandbox.state()) if "I watch" in one["text"]]) == 1
