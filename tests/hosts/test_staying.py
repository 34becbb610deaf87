"""A collector that stays where no loop reads the connection: a thread waits for each answer."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.checkups import Way
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import Fleet
from bot.hosts import fleet as fleets
from bot.hosts.fleet import SshFleet
from bot.ports import Ask, Sample
from tests.clocks import QuietTelemetry, RealClock
from tests.hosts.peers import answers, serving
from tests.hosts.stand import collectors, eventually, nothing_left, run, small, staying, web
from tests.sshd import Sshd, running_sshd

ME = os.getpid()


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with running_sshd(tmp_path) as server:
        yield server


def test_one_collector_answers_all_rounds_and_ends_with_the_connection(sshd: Sshd) -> None:
    with nothing_left(), staying(sshd.spec()) as host:
        first, second = small(host, ME), small(host, ME)
        assert (first.outcome, first.whole, second.outcome, second.whole) == (
            ProbeOutcome.OK, True, ProbeOutcome.OK, False,
        )  # fmt: skip
        assert {"space", "procs", "cpu_again"} <= set(first.sections)
        assert "cpu_before" in second.sections
        assert [row.split()[0] for row in second.sections["processes"].splitlines()] == [str(ME)]
        for _ in range(20):
            assert small(host).outcome is ProbeOutcome.OK
        assert (len(collectors(sshd)), host.way) == (1, Way.THREADS)
        assert run(host, "echo beside").stdout == b"beside\n"
    assert eventually(lambda: not collectors(sshd))


def test_health_urls_are_asked_beside_it(sshd: Sshd) -> None:
    with serving(answers("200 OK")) as port, staying(sshd.spec()) as host:
        for _ in range(3):
            assert small(host, services=[web(f"http://127.0.0.1:{port}/")]).answers["shop"].status == 200
        assert len(collectors(sshd)) == 1


def test_a_server_that_runs_no_commands_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with (
        running_sshd(tmp_path, ForceCommand="echo this account is for tunnels") as server,
        staying(server.spec()) as host,
    ):
        for _ in range(4):
            sample = small(host)
            assert sample.outcome is ProbeOutcome.ERROR
            assert "this account is for tunnels" in sample.reason
        assert host.way is Way.ODD_SHELL


def test_a_fleet_whose_paramiko_is_not_as_the_loop_needs_it_says_so_and_keeps_collectors(
    sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "what_is_wrong", lambda _: "its connections cannot be taken over")
    telemetry = QuietTelemetry()
    spec = sshd.spec()
    hosts = SshFleet(
        Fleet(hosts={spec.name: spec}, services={}), clock=RealClock(), telemetry=telemetry, resident=True
    )
    try:
        samples = []
        for _ in range(3):
            found: Future[Sample] = Future()
            hosts.begin(spec.name, Ask(services=(), whole=False), found.set_result)
            samples.append(found.result(60))
        assert [one.whole for one in samples] == [True, False, False]
        assert hosts.way(spec.name) is Way.THREADS
        assert "a thread waits for each answer" in str(telemetry.events)
        assert len(collectors(sshd)) == 1
    finally:
        hosts.close()


def test_two_who_ask_at_once_wait_for_each_other_and_share_the_collector(sshd: Sshd) -> None:
    with nothing_left(), staying(sshd.spec()) as host, ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            samples = list(pool.map(lambda _: small(host), range(4)))
            assert [one.outcome for one in samples] == [ProbeOutcome.OK] * 4
        assert len(collectors(sshd)) == 1
