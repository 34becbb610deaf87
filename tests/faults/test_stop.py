"""Told to stop with much left to say: what is being said is finished, the rest is kept, and nothing is said twice."""

import time
from pathlib import Path

from bot.domain.messages import Message, Notification, Operation
from bot.store import migrate
from bot.store.opening import open_store
from tests.chat.slack.running import started, workspace, written
from tests.clocks import RealClock
from tests.sandbox_process import running_sandbox

QUEUED = 50
ENDS_WITHIN_S = 20.0
LONGEST_S = 100.0
"""A channel takes one message a second."""
CONFIG = 'slack: {channel: "#ops"}\ndatabase: sqlite:///hangbot.db\nhosts: {}\n'


def test_fifty_that_wait_when_it_is_told_to_stop_are_said_once_by_the_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hangbot.db'}"
    migrate.upgrade(url)
    store = open_store(url)
    now = RealClock().now()
    store.commit(
        notifications=[
            Notification(
                id=f"out_{number}",
                subject=f"test:{number}",
                operation=Operation.POST,
                message=Message(text=f"message {number}"),
                created_at=now,
                channel="C0OPS",
                priority=2,
            )
            for number in range(QUEUED)
        ]
    )
    with running_sandbox(workspace()) as sandbox:
        bot = started(sandbox, written(tmp_path, CONFIG))
        while len(sandbox.messages("ops")) < 5:
            time.sleep(0.05)
        bot.process.terminate()
        assert bot.process.wait(ENDS_WITHIN_S) == 0
        assert store.pending_notifications() + len(sandbox.messages("ops")) == QUEUED
        assert store.pending_notifications() > 20, "it did not stay to say them all"
        bot = started(sandbox, written(tmp_path, CONFIG))
        end = time.monotonic() + LONGEST_S
        while store.pending_notifications() and time.monotonic() < end:
            time.sleep(0.2)
        assert bot.stop() == 0
        said = [one["text"] for one in sandbox.messages("ops")]
    store.close()
    assert said == [f"message {number}" for number in range(QUEUED)]
