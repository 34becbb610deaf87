"""A review from the command line: the echo is printed with its id, and the id is the yes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HANGBOT = str(Path(sys.executable).with_name("hangbot"))
CONFIG = """
slack: {channel: "#ops"}
database: sqlite:///hangbot.db
timezone: Europe/Berlin
hosts:
  here: {transport: local}
"""


def said(folder: Path, line: str) -> "subprocess.CompletedProcess[str]":
    config = folder / "hangbot.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("SLACK_", "HANGBOT_"))}
    argv = (HANGBOT, "-c", str(config), "say", line)
    return subprocess.run(argv, check=False, capture_output=True, text=True, env=environ, timeout=100)


def test_a_review_is_echoed_confirmed_once_and_listed(tmp_path: Path) -> None:
    assert said(tmp_path, "/hang incident open shop silent").returncode == 0
    echo = said(tmp_path, "/hang review tomorrow 10:00 for 30m")
    assert echo.returncode == 0, echo.stderr
    assert "10:00–10:30 Europe/Berlin" in echo.stdout
    typed = re.search(r"/hang confirm (rev_[0-9a-z]+)", echo.stdout)
    assert typed is not None, echo.stdout
    done = said(tmp_path, typed[0])
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "Booked")
    again = said(tmp_path, typed[0])
    assert again.returncode != 0
    assert "booked already" in again.stdout + again.stderr
    assert "10:00–10:30 Europe/Berlin" in said(tmp_path, "/hang review").stdout


@pytest.mark.parametrize(("line", "says"), [
    ("/hang review banana", "banana"),
    ("/hang review tomorrow 10:00 with @ben", "nobody called @ben"),
    ("/hang confirm rev_nope", "rev_nope"),
])  # fmt: skip
def test_what_is_refused_is_said_and_ends_badly(tmp_path: Path, line: str, says: str) -> None:
    said(tmp_path, "/hang incident open shop silent")
    done = said(tmp_path, line)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr


def test_a_question_shows_what_to_type_for_each_answer(tmp_path: Path) -> None:
    said(tmp_path, "/hang incident open shop silent")
    asked = said(tmp_path, "/hang review tomorrow")
    typed = re.findall(r"/hang (review INC-1 [0-9-]+ [0-9:]+ Europe/Berlin)", asked.stdout)
    assert len(typed) >= 3, asked.stdout
    assert "/hang confirm rev_" in said(tmp_path, f"/hang {typed[0]}").stdout


def test_nothing_of_it_leaves_icalendar_loaded_in_a_bot_at_rest() -> None:
    code = "import sys, json, bot.app, handlers.router; print(json.dumps('icalendar' in sys.modules))"
    done = subprocess.run(
        (sys.executable, "-c", code), check=True, capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout) is False
