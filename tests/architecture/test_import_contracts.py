"""The import contracts hold, and would notice: bad imports are planted in a copy and must be refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTED = [
    ("bot/domain/alerts.py", "import time", "No clock"),
    ("bot/present/alert.py", "import bot.ports", "Words and suspicions"),
    ("bot/flows/watch.py", "import bot.store", "Only app names an adapter"),
    ("bot/diagnosers/deadlock.py", "import bot.diagnosers.busy_loop", "Plug-ins do not know each other"),
    ("handlers/router.py", "import slack_sdk", "Slack's libraries"),
    ("bot/probes/__init__.py", "import paramiko", "Paramiko and psutil"),
    ("bot/config/__init__.py", "import sqlalchemy", "SQLAlchemy lives"),
    ("bot/work/inline.py", "import asyncio", "asynchronous"),
    ("bot/flows/deliver.py", "import bot.sandbox", "sandbox"),
    ("bot/web/server.py", "import bot.chat.slack", "Only app names an adapter"),
    ("bot/web/health.py", "import slack_bolt", "Slack's libraries"),
    ("bot/flows/inspect.py", "import prometheus_client", "What serves and what measures"),
    ("bot/chat/slack/send.py", "import handlers.router", "sender and blocks are driven"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for name in ("bot", "handlers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        (LINT, "--no-cache"), cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(("path", "line", "contract"), PLANTED)
def test_a_planted_import_is_refused(copy: Path, path: str, line: str, contract: str) -> None:
    file = copy / path
    before = file.read_text()
    file.write_text(f"{before}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        file.write_text(before)
    assert done.returncode != 0
    broken = [row for row in done.stdout.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), broken
