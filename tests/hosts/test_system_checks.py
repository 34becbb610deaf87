"""Checks of the system on a host with a real systemd: what has failed there, and what its journal took."""

from collections.abc import Iterator

import pytest

from bot.domain.checks import CheckReading, CheckSpec, Grade
from bot.probes import check
from tests.clocks import RealClock
from tests.hosts.stand import asking
from tests.systemd import Machine, running_host

pytestmark = [pytest.mark.systemd, pytest.mark.root, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_host(tmp_path_factory.mktemp("system")) as running:
        yield running


def ask(machine: Machine, kind: str, target: str, **more: object) -> CheckReading:
    spec = CheckSpec(name="it", kind=kind, target=target, **more)  # type: ignore[arg-type]
    with asking(machine.spec()) as host:
        return check(host, spec, now=RealClock().now)


def test_a_unit_that_failed_is_named_until_it_is_well(machine: Machine) -> None:
    machine.unit("shop", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
    assert ask(machine, "units", "failed").grade is Grade.OK
    machine.do("systemctl", "start", "shop", check=False)
    reading = ask(machine, "units", "failed")
    assert (reading.grade, reading.text, reading.metrics["failed"]) == (
        Grade.WARNING, "failed: shop.service", 1.0,
    )  # fmt: skip
    machine.do("systemctl", "reset-failed", "shop")
    assert ask(machine, "units", "failed").grade is Grade.OK


def test_errors_in_the_journal_are_counted_and_may_be_too_many(machine: Machine) -> None:
    if "active" not in machine.do("systemctl", "is-active", "systemd-journald", check=False).split():
        machine.do("systemctl", "start", "systemd-journald", check=False)
    before = ask(machine, "journal", "all", every_s=3600.0)
    if before.grade is Grade.UNKNOWN:
        pytest.skip(f"its journal cannot be read: {before.text}")
    for _ in range(3):
        machine.do("systemd-cat", "-p", "err", "echo", "the shop is on fire")
    machine.do("systemd-cat", "-p", "info", "echo", "all is well")
    machine.do("journalctl", "--sync", check=False)
    after = ask(machine, "journal", "all", every_s=3600.0, at_most=2.0)
    counted = (after.metrics["errors_per_minute"] - before.metrics["errors_per_minute"]) * 60
    assert round(counted) == 3, (before, after)
    assert after.grade is Grade.CRITICAL
    assert "more than 2" in after.text
