"""A look that nobody asked for never stops the process: it reads it as it runs, and names the line all the same."""

import sys
from datetime import UTC, datetime

import pytest

from bot import collectors
from bot.diagnosers import diagnose
from bot.domain.diagnosis import Cause, Verdict
from bot.domain.targets import HostSpec, Transport
from bot.hosts.local import LocalHost
from tests.clocks import QuietTelemetry, RealClock
from tests.victims.running import PY_SPY, running, victim

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
TRIES = 4
"""The machine may be too busy for one look to see whole stacks."""


@pytest.mark.parametrize(
    ("name", "cause"), [("pool4", Cause.INFINITE_RECURSION), ("dead_two", Cause.DEADLOCK)]
)
def test_the_line_is_named_though_nothing_was_stopped(name: str, cause: Cause) -> None:
    spec = HostSpec(name="here", transport=Transport.LOCAL, sudo=False)
    host = LocalHost(spec, clock=RealClock(), telemetry=QuietTelemetry())
    told = set()
    with running(sys.executable, victim(name)) as pid:
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
