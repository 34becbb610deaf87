"""Two bots on one database: one works, the other stands by and takes over; one that slept says nothing in its old name."""

import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import StoreFault
from bot.domain.leading import LEASE_S
from bot.domain.messages import Message, Notification, Operation
from bot.ports import Store
from bot.store.opening import open_store
from tests.chat.slack.running import Bot, launched, started, workspace, written
from tests.clocks import RealClock
from tests.sandbox_process import Sandbox, running_sandbox
from tests.stores import a_database

QUEUED = 25
MOST_S = 150.0
"""What the other was at is in doubt for a minute; a channel takes one message a second."""
CONFIG = """
slack: {{channel: "#ops"}}
database: "{url}"
hosts:
  here: {{transport: local, services: [ghost]}}
services:
  ghost: {{process: "no-such-program-anywhere", start_grace: 1s}}
probes: {{interval: 2s, retry: 1s}}
rules:
  - {{alert: service_down, service: ghost, for: 1s}}
inspect: {{auto: false}}
"""


class Pair:
    """Two bots with a config each, and one database."""

    def __init__(self, sandbox: Sandbox, url: str, folder: Path, stack: ExitStack) -> None:
        self.sandbox, self.store = sandbox, open_store(url)
        stack.callback(self.store.close)
        configs = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            configs.append(written(folder / name, CONFIG.format(url=url)))
        self.first = started(sandbox, configs[0], http="127.0.0.1:0")
        stack.callback(ended, self.first)
        self.second = launched(sandbox, configs[1], http="127.0.0.1:0")
        stack.callback(ended, self.second)

    def alerts(self) -> list[dict[str, Any]]:
        return [
            one
            for one in self.sandbox.messages("ops")
            if (one.get("metadata") or {}).get("event_type") == "hangbot_alert"
        ]

    def works(self) -> bool:
        """Return whether somebody goes on looking at the host."""
        before = self.store.seen_at().get("here")
        time.sleep(3)
        return self.store.seen_at().get("here") != before


def ended(bot: Bot) -> None:
    if bot.process.poll() is None:
        os.kill(bot.process.pid, signal.SIGCONT)
        bot.stop()
    sys.stdout.write(bot.log.read_text()[-3000:])


pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def kind() -> str:
    """The kind of database; what is written to it is proved on each by tests/contracts/store/test_leading.py."""
    return "sqlite"


@pytest.fixture
def pair(kind: str, tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        url = stack.enter_context(a_database(kind, tmp_path))
        sandbox = stack.enter_context(running_sandbox(workspace()))
        yield Pair(sandbox, url, tmp_path, stack)


def wait_for(what: str, look: Callable[[], Any], seconds: float = 30.0) -> None:
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if look():
            return
        time.sleep(0.2)
    pytest.fail(f"{what}: not within {seconds:g} s")


def ready(bot: Bot) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{bot.web}/readyz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def is_ready(bot: Bot) -> bool:
    try:
        return ready(bot)[0] == 200
    except OSError:  # between the site of one that stands by and that of one that works
        return False


def handed_in(bot: Bot, path: str) -> int:
    request = urllib.request.Request(f"{bot.web}{path}", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        return int(answer.code)


def queue(store: Store) -> None:
    now = RealClock().now()
    waiting = [
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
    store.commit(notifications=waiting)


@contextmanager
def stopped(bot: Bot, store: Store) -> Iterator[None]:
    """Stop it between two transactions: one that is stopped within one keeps an SQLite file locked, for everybody."""
    while True:
        os.kill(bot.process.pid, signal.SIGSTOP)
        try:
            store.prove_writable(now=RealClock().now())
            break
        except StoreFault:
            os.kill(bot.process.pid, signal.SIGCONT)
    try:
        yield
    finally:
        os.kill(bot.process.pid, signal.SIGCONT)


def test_the_second_stands_by_says_so_and_takes_over_from_one_that_is_killed(pair: Pair) -> None:
    wait_for("the alert", pair.alerts)
    status, document = ready(pair.second)
    assert status == 503
    assert f":{pair.first.process.pid} works on this database" in document["reasons"]["leader"]
    assert handed_in(pair.second, "/webhooks/alertmanager") == 503, "who hands it in comes again"
    assert pair.sandbox.state()["connected"] == 1
    pair.first.kill()
    wait_for("it takes over", lambda: is_ready(pair.second), LEASE_S)
    wait_for("it works", pair.works)
    assert len(pair.alerts()) == 1, "told once"
    assert pair.second.stop() == 0


def test_one_that_is_told_to_stop_leaves_at_once(pair: Pair) -> None:
    wait_for("the alert", pair.alerts)
    assert pair.first.stop() == 0
    wait_for("it takes over", lambda: is_ready(pair.second), LEASE_S / 2)
    assert len(pair.alerts()) == 1


@pytest.mark.parametrize("kind", ["postgresql", pytest.param("sqlite", marks=pytest.mark.campaign)])
def test_one_that_slept_finds_another_at_work_and_ends_without_a_word(pair: Pair) -> None:
    wait_for("the alert", pair.alerts)
    queue(pair.store)
    wait_for("some are said", lambda: len(pair.sandbox.messages("ops")) > 4)
    with stopped(pair.first, pair.store):
        wait_for("it takes over", lambda: is_ready(pair.second), 3 * LEASE_S)
        wait_for("it works", pair.works)
    assert pair.first.process.wait(30) != 0
    assert f"Another hangbot ({pair.store.leader().worker})" in pair.first.log.read_text()  # type: ignore[union-attr]
    wait_for("all is said", lambda: not pair.store.pending_notifications(), MOST_S)
    said = [one["text"] for one in pair.sandbox.messages("ops") if one["text"].startswith("message ")]
    assert set(said) == {f"message {number}" for number in range(QUEUED)}
    assert len(said) - len(set(said)) <= 1
    assert len(pair.alerts()) == 1
    assert pair.sandbox.violations() == []
