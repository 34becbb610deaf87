"""Kills a bot at random and at each named step of a delivery, while the chat misbehaves; then counts what was lost or doubled.

.venv/bin/python -m tests.faults.campaign --kills 1000 --at-points 100
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.domain.alerts import Alert
from bot.domain.targets import Target
from bot.domain.timeline import EventKind
from bot.store import migrate
from bot.store.opening import open_store
from tests.faults.watcher import HOSTS, channel
from tests.sandbox_process import Sandbox, running_sandbox

ROOT = Path(__file__).resolve().parents[2]
POINTS = ("claimed", "sending", "said", "settled")
FAULTS = (
    {"kind": "store_then_drop", "count": 1},
    {"kind": "drop", "count": 1},
    {"kind": "error_500", "count": 2},
    {"kind": "html", "count": 1},
    {"kind": "truncate", "count": 1},
)
LONGEST_S = 240.0
TOLD = {
    EventKind.FIRED: "post",
    EventKind.REOPENED: "again",
    EventKind.RESOLVED: "answers again",
}


def workspace() -> dict[str, Any]:
    return {
        "channels": [{"id": "C0OPS", "name": "ops"}, *({"id": channel(one), "name": one} for one in HOSTS)],
        "users": [{"name": "ana"}],
    }


@dataclass
class Count:
    """What a campaign has seen."""

    kills: int = 0
    at_points: Counter[str] = field(default_factory=Counter)
    transitions: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    left: int = 0
    """Messages that are still not sent."""

    def told(self) -> str:
        points = ", ".join(f"{point} {count}" for point, count in sorted(self.at_points.items()))
        return (
            f"{self.kills} kills at random, {sum(self.at_points.values())} at named steps ({points or 'none'}); "
            f"{self.transitions} transitions, {len(self.lost)} lost, {len(self.doubled)} doubled, {self.left} unsent"
        )


class Campaign:
    """One database, one chat, and one bot after the other."""

    def __init__(self, sandbox: Sandbox, folder: Path, *, seed: int) -> None:
        self.sandbox, self.pick, self.count = sandbox, random.Random(seed), Count()
        self.database, self.world = f"sqlite:///{folder / 'hangbot.db'}", folder / "world.json"
        migrate.upgrade(self.database)
        self.began = time.time()
        self.silent: set[str] = set()
        self._write()
        self._turn_at = 0.0

    def run(self, *, kills: int, at_points: int) -> Count:
        points = [point for point in POINTS for _ in range(at_points)]
        plans = ["" for _ in range(kills)] + points
        self.pick.shuffle(plans)
        for point in plans:
            self._one(point)
        self._settle()
        self._judge()
        return self.count

    def _one(self, point: str) -> None:
        process = self._start(point)
        if not point:
            self._let_run(process, self.pick.uniform(0.02, 1.2))
            process.send_signal(signal.SIGKILL)
            self.count.kills += 1
        else:  # it ends itself, when it comes there
            self._let_run(process, 45.0)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                self.count.kills += 1
            else:
                self.count.at_points[point] += 1
        process.communicate()

    def _start(self, point: str) -> "subprocess.Popen[bytes]":
        argv = [
            sys.executable,
            "-m",
            "tests.faults.watcher",
            self.database,
            self.sandbox.api_url,
            str(self.world),
        ]
        process = subprocess.Popen(
            [*argv, str(self.began), *([point] if point else [])],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def _let_run(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            if time.monotonic() > self._turn_at:
                self._turn()
            time.sleep(0.02)

    def _turn(self) -> None:
        """Let the world go on: something falls silent or answers again; now and then the chat misbehaves."""
        self._turn_at = time.monotonic() + self.pick.uniform(0.6, 2.5)
        self.silent ^= {self.pick.choice(HOSTS)}
        self._write()
        if self.pick.random() < 0.4:
            self.sandbox.fault(**self.pick.choice(FAULTS))

    def _write(self) -> None:
        beside = self.world.with_suffix(".new")
        beside.write_text(json.dumps(sorted(self.silent)))
        beside.replace(self.world)

    def _settle(self) -> None:
        """Let all be well, and the last bot say what is left to say."""
        self.silent = set()
        self._write()
        self.sandbox.heal()
        process = self._start("")
        store = open_store(self.database)
        end = time.monotonic() + LONGEST_S
        try:
            while time.monotonic() < end:
                time.sleep(0.5)
                if not store.pending_notifications() and not store.alerts(unresolved=True):
                    break
            self.count.left = store.pending_notifications()
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            store.close()

    # --- the reckoning

    def _judge(self) -> None:
        store = open_store(self.database)
        alerts = store.alerts()
        targets = [Target(host=name) for name in HOSTS]
        events = store.events(since=datetime.fromtimestamp(0, UTC), targets=targets)
        store.close()
        messages = [one for name in HOSTS for one in self.sandbox.messages(channel(name))]
        self._doubled(messages)
        wanted = Counter(
            (event.alert, TOLD[event.kind]) for event in events if event.kind in TOLD and not event.kept_quiet
        )
        self.count.transitions = sum(wanted.values())
        for alert in alerts:
            if alert.told:
                self._lost(alert, messages, wanted)

    def _doubled(self, messages: Sequence[dict[str, Any]]) -> None:
        said = [one for root in messages for one in (root, *root["replies"])]
        by_id = Counter((one.get("metadata") or {}).get("event_payload", {}).get("outbox") for one in said)
        self.count.doubled += [str(name) for name, times in by_id.items() if times > 1]
        roots = Counter((one.get("metadata") or {}).get("event_payload", {}).get("id") for one in messages)
        self.count.doubled += [f"root of {name}" for name, times in roots.items() if times > 1]

    def _lost(
        self, alert: Alert, messages: Sequence[dict[str, Any]], wanted: Counter[tuple[str, str]]
    ) -> None:
        mine = [
            one
            for one in messages
            if (one.get("metadata") or {}).get("event_payload", {}).get("id") == alert.id
        ]
        if not mine:
            self.count.lost.append(f"{alert.id}: nobody was told")
            return
        status = mine[0]["metadata"]["event_payload"]["status"]
        if status != "resolved":
            self.count.lost.append(f"{alert.id}: it stands as {status}")
        replies = [one["text"] for one in mine[0]["replies"]]
        ended = wanted[alert.id, "answers again"]
        again = wanted[alert.id, "again"]
        if alert.flapping or any("comes and goes" in text for text in replies):
            return  # from then on only its settling is told
        for what, times in ((" answers again", ended), (" silent again", again)):
            told = sum(what in text for text in replies)
            if told != times:
                self.count.lost.append(f"{alert.id}: {told} of {times} times {what.strip()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--at-points", type=int, default=100, help="at each named step of a delivery")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with running_sandbox(workspace()) as sandbox, tempfile.TemporaryDirectory() as folder:
        count = Campaign(sandbox, Path(folder), seed=given.seed).run(
            kills=given.kills, at_points=given.at_points
        )
    print(count.told())
    for line in (*count.lost[:20], *count.doubled[:20]):
        print(line)
    sys.exit(bool(count.lost or count.doubled or count.left))


if __name__ == "__main__":
    main()
