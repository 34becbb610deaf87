"""Real bots, ended with SIGKILL in mid-act: the next one tells what became of it, and nothing ran twice."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.actions import ActionStatus
from tests.flows.remediate.programs import until
from tests.flows.remediate.stage import Stage

ROOT = Path(__file__).resolve().parents[3]
LEASE_AND_MORE_S = 61.0
WORKER = """
import os, signal, sys
from pathlib import Path
from bot.store.opening import open_store
from tests.flows.remediate.programs import Victim
from tests.flows.remediate.stage import here, stage

url, folder, port, point = sys.argv[1:5]
bot = stage(open_store(url), Victim(folder=Path(folder), port=int(port)), here())

def crash(now):
    if now == point:
        os.kill(os.getpid(), signal.SIGKILL)

print("ready", flush=True)
print(bot.work(crash=crash).status, flush=True)
"""


def worker(bot: Stage, folder: Path, point: str) -> "subprocess.Popen[bytes]":
    url = f"sqlite:///{folder / 'hangbot.db'}"
    argv = (sys.executable, "-c", WORKER, url, str(bot.victim.folder), str(bot.victim.port), point)
    return subprocess.Popen(
        argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("point", ["before", "sent", "done"])
def test_a_bot_that_is_killed_is_followed_by_one_that_tells_the_truth(
    bot: Stage, tmp_path: Path, point: str
) -> None:
    bot.confirmed()
    process = worker(bot, tmp_path, point)
    assert process.wait(60) == -signal.SIGKILL
    process.communicate()
    bot.clock.go_on(LEASE_AND_MORE_S)
    end = bot.work(faster=2)
    assert end.status is ActionStatus.WATCHED
    assert bot.victim.runs == 1
    assert end.after is not None
    assert end.after.pid == bot.victim.pid


def test_a_bot_that_is_killed_while_the_command_runs_finds_out_when_it_is_through(
    bot: Stage, tmp_path: Path
) -> None:
    bot.victim.next(order="slow")
    before = bot.victim.pid
    bot.confirmed()
    process = worker(bot, tmp_path, "never")
    until(lambda: bot.victim.runs == 1)
    process.kill()
    process.communicate()
    bot.clock.go_on(LEASE_AND_MORE_S)
    long_ago(bot)
    for _ in range(5):
        until(bot.step)
        bot.clock.go_on(1)
    assert bot.action.status is ActionStatus.SENT, "the command still runs there, so nobody knows yet"
    assert bot.victim.pid == before
    bot.victim.go()
    end = bot.work(faster=2)
    assert end.status is ActionStatus.WATCHED
    assert end.lost is not None
    assert bot.victim.runs == 1
    assert bot.victim.pid != before


def long_ago(bot: Stage) -> None:
    """Make it look as if it was sent a minute earlier, by the host's own clock: nothing could begin any more."""
    action = bot.action
    assert action.before is not None
    before = replace(action.before, uptime_s=action.before.uptime_s - 60)
    bot.store.commit(actions=[replace(action, before=before)])
