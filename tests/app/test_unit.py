"""deploy/hangbot.service: what systemd itself says of it, and what the bot relies on in it."""

import configparser
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chat.slack.running import running_bot, workspace
from tests.sandbox_process import running_sandbox

UNIT = Path(__file__).resolve().parents[2] / "deploy" / "hangbot.service"
PROGRAM = "/opt/hangbot/.venv/bin/hangbot"


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(UNIT.read_text())
    return read


def test_systemd_finds_no_fault_with_it(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is missing: apt-get install systemd")
    installed = tmp_path / "hangbot.service"
    installed.write_text(UNIT.read_text().replace(PROGRAM, sys.executable))
    done = subprocess.run([analyze, "verify", installed], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    installed.write_text(installed.read_text().replace("WatchdogSec=90", "WatchdogSec=soon"))
    done = subprocess.run([analyze, "verify", installed], capture_output=True, text=True, check=False)
    assert "Failed to parse sec value" in done.stderr, "it would have said so"


def test_it_is_told_when_the_bot_is_ready_and_starts_it_again_when_it_hangs() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] == "always"
    assert 0 < int(service["WatchdogSec"]) <= 90, "what hangs is replaced within 90 s"
    assert service["ExecStart"].startswith(f"{PROGRAM} --config ")
    assert service["User"] != "root"


def test_no_secret_stands_in_it() -> None:
    assert "Environment" not in unit()["Service"]
    assert "EnvironmentFile" in unit()["Service"]


def test_a_bot_says_when_it_is_ready_that_it_goes_on_and_that_it_stops(tmp_path: Path) -> None:
    """systemd's end of it: a socket of datagrams, and a watchdog of three seconds."""
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(tmp_path / "notify"))
    heard.settimeout(60)
    own = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}
    with running_sandbox(workspace()) as sandbox, running_bot(sandbox, tmp_path, **own):
        assert heard.recv(100) == b"READY=1"
        assert sandbox.state()["connected"] == 1
        assert [heard.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    rest = [heard.recv(100)]
    while rest[-1] != b"STOPPING=1":
        rest.append(heard.recv(100))
    heard.close()
