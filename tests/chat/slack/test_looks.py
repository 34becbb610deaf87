"""What is shown to the asker alone, over Slack: words where they asked, a file in direct messages, nothing to the others."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.chat.slack.running import CONFIG, OVER_HTTP, Bot, in_room, running_bot, whispers
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"], scope="module")

ANA = "U0ANA0000"
WITHIN_S = 60
PROGRAM = """
import threading, time
def wait_for_the_bell():
    time.sleep(600)
for number in range(200):
    threading.Thread(target=wait_for_the_bell, name=f"clerk-{number}", daemon=True).start()
for number in range(500):
    print("entry", number, "of the ledger with letter", chr(65 + number % 26), flush=True)
print("ready", flush=True)
wait_for_the_bell()
"""


@pytest.fixture(scope="module")
def clerk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A process of 200 threads at one place, which has written much."""
    log = tmp_path_factory.mktemp("clerk") / "clerk.log"
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))
        argv = (sys.executable, "-c", PROGRAM, "the-clerks-5512")
        process = stack.enter_context(subprocess.Popen(argv, stdout=out, stderr=out))
        stack.callback(process.kill)
        while b"ready" not in log.read_bytes():
            assert process.poll() is None
        yield process.pid


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, mode: str, clerk: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    text = (OVER_HTTP if mode == "http" else CONFIG).replace("access: {", "access: {evidence: asker, ")
    text = text.replace("services: [ghost]}", "services: [ghost, clerk]}")
    text = text.replace("services:\n", 'services:\n  clerk: {process: "the-clerks-5512"}\n')
    with running_bot(sandbox, tmp_path_factory.mktemp("bot"), text) as running:
        yield running


def handed(state: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the files of that name in ana's direct messages."""
    direct = next((one for one in state["channels"] if one["is_im"] and one["user"] == ANA), {})
    every = [one for root in direct.get("messages", ()) for one in (root, *root["replies"])]
    return [file for one in every for file in one.get("files", ()) if file["name"] == name]


def content(file: dict[str, Any]) -> str:
    with urllib.request.urlopen(file["url_private"], timeout=30) as answer:
        return str(answer.read().decode())


def typed(sandbox: Sandbox, line: str, name: str) -> tuple[str, str]:
    """Type a line in the alert channel; return what ana alone was shown there, and the file she was handed."""
    before = len(handed(sandbox.state(), name))
    assert sandbox.say("ana", line)["ok"]
    files = sandbox.wait_for(lambda state: handed(state, name)[before:], WITHIN_S)
    return str(whispers(sandbox.state(), "C0OPS", ANA)[-1]), content(files[0])


def test_stacks_are_whispered_and_their_file_is_handed_over(sandbox: Sandbox, bot: Bot, clerk: int) -> None:
    shown, file = typed(sandbox, f"/hang dump here clerk pid {clerk}", "here-clerk-stacks.txt")
    assert "here-clerk-stacks.txt" in shown
    assert "200 threads with the same stack" in shown
    assert "200 threads with the same stack" in file
    assert len(file) < 20_000, "two hundred threads at one place are readable"
    assert "wait_for_the_bell" not in str(in_room(sandbox.state(), "C0OPS"))
    assert sandbox.violations() == []


def test_a_long_log_is_whispered_and_the_whole_of_it_is_handed_over(sandbox: Sandbox, bot: Bot) -> None:
    shown, file = typed(sandbox, "/hang logs here clerk 30m", "here-clerk-log.txt")
    assert "ready" in shown
    assert len(file.splitlines()) > 400
    assert "of the ledger" not in str(in_room(sandbox.state(), "C0OPS"))
    assert sandbox.violations() == []


def test_the_busiest_processes_are_whispered(sandbox: Sandbox, bot: Bot) -> None:
    before = len(whispers(sandbox.state(), "C0OPS", ANA))
    assert sandbox.say("ana", "/hang top here")["ok"]
    shown = sandbox.wait_for(lambda state: whispers(state, "C0OPS", ANA)[before:], WITHIN_S)
    assert "COMMAND" in str(shown[0])
    assert "COMMAND" not in str(in_room(sandbox.state(), "C0OPS"))
