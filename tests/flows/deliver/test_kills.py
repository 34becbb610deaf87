"""Real processes, killed with SIGKILL while they deliver: at the end each message stands there once."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.deliver.stage import Stage, channel_id

ROOT = Path(__file__).resolve().parents[3]
KILLS, ROWS, CHANNELS = 15, 60, 15
LEASE_AND_MORE_S = 61.0
WORKER = """
import sys, time
from datetime import timedelta
from tests.clocks import HandClock, QuietTelemetry, RealClock
from tests.flows.deliver.stage import Stage
from bot.chat.slack.send import SlackOut, make_client
from bot.store.opening import open_store

url, api, channel, behind = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])

class Behind(RealClock):
    def now(self):
        return super().now() - timedelta(seconds=behind)

chat = SlackOut(make_client("xoxb-sandbox", api))
stage = Stage(sandbox=None, store=open_store(url), channel=channel, clock=Behind(), telemetry=QuietTelemetry(), chat=chat)
print("ready", flush=True)
while stage.store.pending_notifications():
    stage.deliver()
    time.sleep(0.02)
"""


def worker(out: Stage, database: Path, *, behind: float) -> "subprocess.Popen[bytes]":
    argv = (
        sys.executable,
        "-c",
        WORKER,
        f"sqlite:///{database}",
        out.sandbox.api_url,
        out.channel,
        str(behind),
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(argv, cwd=ROOT, env=environ, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.timeout(300)  # seventeen processes begin, one after the other
def test_sixty_messages_and_fifteen_kills_give_sixty_messages(out: Stage, tmp_path: Path) -> None:
    pick = random.Random(4)
    places = [channel_id(59 - number) for number in range(CHANNELS)]
    wanted = {
        place: [f"m{row}" for row in range(ROWS) if row % CHANNELS == at] for at, place in enumerate(places)
    }
    out.clock.go_on(-3600)  # type: ignore[attr-defined]
    for row in range(ROWS):
        out.put(f"m{row}", subject=f"alert:{row}", channel=places[row % CHANNELS])
    out.store.close()
    behind = LEASE_AND_MORE_S * (KILLS + 2)  # each worker starts when the lease of the one before is over
    for _ in range(KILLS):
        process = worker(out, tmp_path / "hangbot.db", behind=behind)
        time.sleep(pick.uniform(0.0, 0.08))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        behind -= LEASE_AND_MORE_S
    last = worker(out, tmp_path / "hangbot.db", behind=behind)
    assert last.wait(60) == 0
    last.communicate()
    shown = {place: sorted(one["text"] for one in out.sandbox.messages(place)) for place in places}
    assert shown == {place: sorted(texts) for place, texts in wanted.items()}
