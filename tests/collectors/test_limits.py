"""However much there is to look at, and whatever the sampler does: the script ends in time, with what it has."""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot import collectors
from bot.collectors import LIMIT
from bot.domain.evidence import Evidence
from bot.domain.targets import ServiceSpec
from tests.clocks import RealClock
from tests.collectors.shells import MARK, PY_SPY, ShellHost, codes, look, running, state


def in_time(pid: int, *, host: ShellHost | None = None, sampler: str = str(PY_SPY)) -> Evidence:
    began = time.monotonic()
    evidence = look(pid, host=host, sampler=sampler)
    assert time.monotonic() - began < LIMIT.seconds
    assert evidence.left_as_found
    assert state(pid)[1] == 0
    return evidence


@pytest.mark.parametrize(
    ("threads", "files", "depth"),
    [(1500, 900, 1), (1, 0, 4000)],
    ids=["threads_and_files", "deep"],
)
def test_a_target_that_holds_much_is_looked_at_in_time(threads: int, files: int, depth: int) -> None:
    with running("crowd", str(threads), str(files), str(depth)) as pid:
        evidence = in_time(pid)
    assert evidence.dumps
    assert len(evidence.snapshots) == 2
    assert len(evidence.dumps[0].threads) == min(threads + 1, 200)
    assert max(stack.depth for stack in evidence.dumps[0].threads) > depth
    assert "cut_short" not in codes(evidence)


def test_a_sampler_without_end_costs_the_stacks_alone(tmp_path: Path) -> None:
    sampler = tmp_path / "py-spy"
    sampler.write_text("#!/bin/sh\ntrap '' INT TERM; while :; do sleep 1; done\n")
    sampler.chmod(0o755)
    with running("sleeper") as pid:
        evidence = in_time(pid, sampler=str(sampler))
    assert codes(evidence) == ["sampler_failed"]
    assert evidence.dumps == ()
    assert evidence.files


def test_what_takes_longer_than_everything_is_ended_and_says_what_it_has(tmp_path: Path) -> None:
    """Even a step that nobody foresaw: here what lists the open files."""
    slow = tmp_path / "ls"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    host = ShellHost(env={"PATH": f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"})
    with running("sleeper") as pid:
        evidence = in_time(pid, host=host)
    assert "cut_short" in codes(evidence)
    assert evidence.dumps
    assert len(evidence.snapshots) == 2


def test_the_busy_one_is_found_among_hundreds() -> None:
    with ExitStack() as stack:
        for _ in range(300):
            one = subprocess.Popen(("sleep", "3597"))
            stack.callback(one.wait)
            stack.callback(one.kill)
        argv = (sys.executable, "-c", "while True: pass", "3597")
        busy = stack.enter_context(subprocess.Popen(argv))
        stack.callback(busy.kill)
        began = time.monotonic()
        evidence = collectors.collect(
            ShellHost(), ServiceSpec(name="crowd", process="3597"), pid=None, mark=MARK, at=RealClock().now()
        )
        assert time.monotonic() - began < LIMIT.seconds
    assert evidence.process.pid == busy.pid
    assert len(evidence.others) > 20
