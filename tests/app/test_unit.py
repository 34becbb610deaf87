"""deploy/hangbot.service: what systemd itself says of it, and what the bot relies on in it."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert "WatchdogSec" in done.stderr, "it would have said so"


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
