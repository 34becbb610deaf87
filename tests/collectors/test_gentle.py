"""A look that nobody asked for never stops the process: it reads it as it runs, and names the line all the same."""

import sys
from datetime import UTC, datetime

import pytest

from bot import collectors
from bot.collectors import stacks
from bot.diagnosers import diagnose
from bot.domain.diagnosis import Cause, Verdict
from bot.domain.targets import HostSpec, Transport
from bot.hosts.local import LocalHost
from tests.clocks import QuietTelemetry, RealClock
from tests.victims.running import PY_SPY, pythons, running, victim

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
TRIES = 4
"""The machine may be too busy for one look to see whole stacks."""


OLD = next((version for version in ("3.8", "3.9", "3.10", "3.7", "3.6") if version in pythons()), "3.10")
SEEN = [
    ("pool4", Cause.INFINITE_RECURSION, ""),
    ("dead_two", Cause.DEADLOCK, ""),
    ("dead_two", Cause.DEADLOCK, OLD),
]


@pytest.mark.parametrize(("name", "cause", "version"), SEEN)
def test_the_line_is_named_though_nothing_was_stopped(name: str, cause: Cause, version: str) -> None:
    python = pythons().get(version) if version else sys.executable
    if python is None:
        pytest.skip(
            "takes a Python before 3.11, of which a sampler that stops nothing tells no numbers of threads"
        )
    spec = HostSpec(name="here", transport=Transport.LOCAL, sudo=False)
    host = LocalHost(spec, clock=RealClock(), telemetry=QuietTelemetry())
    told = set()
    with running(python, victim(name)) as pid:
        for _ in range(TRIES):
            seen = collectors.collect(
                host,
                None,
                pid=pid,
                mark="hangbot-mark-test",
                at=AT,
                sampler=str(PY_SPY),
                gentle=True,
            )
            assert not any(dump.stopped_target for dump in seen.dumps)
            assert seen.longest_pause_ms == 0.0
            assert seen.left_as_found
            diagnosis, _, _ = diagnose(seen)
            if diagnosis.verdict is Verdict.HUNG:
                told.add(diagnosis.findings[0].cause)
                break
    assert told == {cause}


DUMP = """T 140001 null true false "MainThread"
F 7 "<module>" "/srv/app.py"
N 1
T 140002 null true false "Thread-1"
F 9 "work" "/srv/app.py"
N 1
T 140003 null true false "Thread-2"
F 9 "work" "/srv/app.py"
N 1
"""
SNAPSHOT = "/proc/70/task/70/stat:70 (app) S 1\n/proc/70/task/71/stat:71 (app) S 1\n"


def test_a_thread_without_a_number_gets_that_of_its_pthread_if_there_is_such_a_thread() -> None:
    sections = {
        "snapshot 0": SNAPSHOT,
        "dump 1 2 plain --nonblocking": DUMP,
        "numbers": "140001 70 0\n140002 999 71\n140003 4 5\n",
    }
    (dump,) = stacks.dumps(sections)
    assert [thread.tid for thread in dump.threads] == [70, 71, -140003]


def test_threads_without_numbers_are_not_taken_for_one() -> None:
    (dump,) = stacks.dumps({"snapshot 0": SNAPSHOT, "dump 1 2 plain --nonblocking": DUMP})
    assert len({thread.tid for thread in dump.threads}) == 3
