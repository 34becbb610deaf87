"""A wall clock that is set, both changes of daylight time, and a machine that sleeps: a real bot, and a clock of its own.

The bot's process loads a library that adds to its clocks what stands in a file (set_clock.c); what waits on the monotonic
clock goes on waiting, as it does when a machine's clock is set, or when it sleeps. It looks at this machine every two seconds: at a service that is well and at one that is down.
"""

import json
import signal
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chat.slack.running import CONFIG, Bot, running_bot, workspace
from tests.clocks import RealClock
from tests.sandbox_process import Sandbox, running_sandbox
from tests.web.wire import ask

EVERY_S = 2.0
HOUR_S, DAY_S = 3600.0, 86400.0
TOKEN = "webhook-token-of-this-test"
WATCHED_S = 8.0
"""How long a bot is watched after each jump."""
TEXT = f"""{CONFIG}
heartbeats: {{backup: {{every: 30m}}}}
timezone: Europe/Berlin
"""
SPRING, AUTUMN = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When Berlin's clocks are set on, and back."""


@dataclass(kw_only=True)
class Watched:
    """A bot, and the offset of its wall clock."""

    bot: Bot
    sandbox: Sandbox
    offset: Path
    set_s: float = 0.0
    slept_s: float = 0.0

    def set_off(self, seconds: float) -> None:
        """Set the wall clock, by so much from where it would be."""
        self.set_s = seconds
        self._write()

    def slept(self, seconds: float) -> None:
        """Let the machine have slept for so long."""
        self.slept_s += seconds
        self._write()

    def _write(self) -> None:
        with self.offset.open("r+b") as file:  # in place: the bot has it in its memory
            file.write(struct.pack("=qq", round(self.set_s), round(self.slept_s)))

    def rounds(self) -> float:
        text = urllib.request.urlopen(f"{self.bot.web}/metrics", timeout=10).read().decode()
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith("hangbot_probe_rounds")
        )

    def late(self) -> list[float]:
        """Watch it for a while; return by how much the rounds that left out one or more were late, in seconds."""
        end, seen, last = time.monotonic() + WATCHED_S, self.rounds(), time.monotonic()
        found = []
        while time.monotonic() < end:
            time.sleep(0.1)
            if (now := self.rounds()) > seen:
                gap, seen, last = time.monotonic() - last, now, time.monotonic()
                if gap > 3 * EVERY_S:
                    found.append(gap - EVERY_S)
        assert time.monotonic() - last < 3 * EVERY_S, "its rounds go on"
        return found

    def said(self) -> list[str]:
        return [reply["text"] for one in self.sandbox.messages("ops") for reply in (one, *one["replies"])]

    def jumps(self) -> list[float]:
        lines = [json.loads(line) for line in self.bot.log.read_text().splitlines() if "clock jumped" in line]
        return [one["seconds"] for one in lines]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("bot")
    library, offset = folder / "set_clock.so", folder / "offset"
    source = Path(__file__).with_name("set_clock.c")
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", source, "-o", library], check=True)
    offset.write_bytes(struct.pack("=qq", 0, 0))
    own = {"LD_PRELOAD": str(library), "SET_CLOCK_FILE": str(offset), "HANGBOT_WEBHOOK_TOKEN": TOKEN}
    with (
        running_sandbox(workspace()) as sandbox,
        running_bot(sandbox, folder, TEXT, http="127.0.0.1:0", **own) as bot,
    ):
        made = Watched(bot=bot, sandbox=sandbox, offset=offset)
        end = time.monotonic() + 60
        while not any(one.startswith("CRITICAL ghost") for one in made.said()) and time.monotonic() < end:
            time.sleep(0.2)
        yield made


@pytest.fixture
def before(watched: Watched) -> Iterator[list[str]]:
    """What had been said; afterwards the clock is right again."""
    yield watched.said()
    watched.set_off(0.0)
    watched.late()


STEPS = [HOUR_S, -HOUR_S, DAY_S, -DAY_S]


@pytest.mark.parametrize("step", STEPS)
def test_a_clock_that_is_set_makes_no_alert_and_at_most_one_late_round(
    watched: Watched, before: list[str], step: float
) -> None:
    for off_s in (step, 0.0):
        watched.set_off(off_s)
        late = watched.late()
        assert len(late) <= 1, late
        assert watched.said() == before
    assert [round(one) for one in watched.jumps()[-2:]] == [step, -step], "and it stands in the log"


@pytest.mark.parametrize("change", [SPRING, AUTUMN])
def test_both_changes_of_daylight_time_are_nothing(
    watched: Watched, before: list[str], change: datetime
) -> None:
    watched.set_off((change - RealClock().now().astimezone(UTC)).total_seconds() - WATCHED_S / 2)
    watched.late()
    assert watched.late() == [], "the second time there was no jump, but the change"
    assert watched.said() == before


def test_a_machine_that_slept_for_two_hours_says_so_once_and_nothing_else(
    watched: Watched, before: list[str]
) -> None:
    watched.bot.process.send_signal(signal.SIGSTOP)
    watched.slept(2 * HOUR_S)
    time.sleep(8.0)
    watched.bot.process.send_signal(signal.SIGCONT)
    late = watched.late()
    assert len(late) <= 1, late
    (new,) = [one for one in watched.said() if one not in before]
    assert new.startswith("I was away for 2 h, since ")
    assert new.endswith("I look at it now.")


def test_what_waits_to_be_said_when_the_clock_is_set_back_is_said(
    watched: Watched, before: list[str]
) -> None:
    watched.sandbox.fault("rate_limit", seconds=6)
    auth = {"Authorization": f"Bearer {TOKEN}"}
    assert ask(watched.bot.web, "/heartbeat/backup/fail", headers=auth).status == 200
    watched.set_off(-HOUR_S)
    end = time.monotonic() + 40
    while watched.said() == before and time.monotonic() < end:
        time.sleep(0.2)
    (new,) = [one for one in watched.said() if one not in before]
    assert new.startswith("WARNING backup on cron failing")
