"""One thread for all connections: samples big and small, keys that change, links that break, servers that it cannot read."""

import os
import signal
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from bot.domain.checkups import Way
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HttpCheck, ServiceSpec
from bot.hosts.loop import self_test
from bot.ports import Ask, Sample
from tests.clocks import QuietTelemetry
from tests.hosts.peers import answers, serving
from tests.hosts.stand import (
    Asking,
    collectors,
    eventually,
    frozen,
    looping,
    nothing_left,
    run,
    small,
    staying,
)
from tests.sshd import Sshd, running_sshd

ME = os.getpid()


@pytest.fixture(params=[looping, staying])
def kept(request: pytest.FixtureRequest) -> Asking:
    """How a host is asked on which a collector stays."""
    found: Asking = request.param
    return found


@pytest.fixture
def sshd(tmp_path: Path):  # type: ignore[no-untyped-def]
    with running_sshd(tmp_path) as server:
        yield server


def test_a_first_sample_is_whole_and_the_next_may_be_small(sshd: Sshd) -> None:
    with nothing_left(), looping(sshd.spec()) as host:
        first = small(host, ME)
        assert (first.outcome, first.whole) == (ProbeOutcome.OK, True)
        assert {"space", "procs", "cpu_again"} <= set(first.sections)
        second = small(host, ME, 4_000_000)
        assert (second.outcome, second.whole) == (ProbeOutcome.OK, False)
        assert set(second.sections) >= {
            "loadavg",
            "uptime",
            "cpu",
            "cpu_before",
            "meminfo",
            "processes",
            "now",
        }
        assert [row.split()[0] for row in second.sections["processes"].splitlines()] == [str(ME)]
        assert host.way is Way.LOOP
        assert len(collectors(sshd)) == 1


def test_one_collector_answers_all_rounds_and_ends_with_the_connection(sshd: Sshd) -> None:
    with looping(sshd.spec()) as host:
        for _ in range(20):
            assert small(host).outcome is ProbeOutcome.OK
        assert len(collectors(sshd)) == 1
    assert eventually(lambda: not collectors(sshd))


def test_no_thread_is_needed_for_a_connection(sshd: Sshd) -> None:
    with looping(sshd.spec()) as host:
        small(host)
        assert not [one for one in threading.enumerate() if type(one).__name__ == "Transport"]


def test_health_urls_are_asked_beside_the_sample(sshd: Sshd) -> None:
    with serving(answers("200 OK")) as port, looping(sshd.spec()) as host:
        urls = {"well": f"http://127.0.0.1:{port}/", "gone": "http://127.0.0.1:1/"}
        specs = [ServiceSpec(name=name, http=HttpCheck(url=url)) for name, url in urls.items()]
        for _ in range(3):
            sample = small(host, services=specs)
            assert sample.answers["well"].status == 200
            assert sample.answers["well"].elapsed_ms is not None
            assert sample.answers["gone"].problem == "refused"


def test_a_service_that_does_not_answer_is_a_timeout_and_delays_its_host_alone(sshd: Sshd) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent, looping(sshd.spec()) as host:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        spec = ServiceSpec(name="shop", http=HttpCheck(url=url, timeout_s=1.0))
        began = time.monotonic()
        sample = small(host, services=[spec])
        assert sample.answers["shop"].problem == "timeout"
        assert 1.0 <= time.monotonic() - began < 8


def test_scripts_run_over_the_same_connection_while_samples_are_taken(sshd: Sshd) -> None:
    with looping(sshd.spec()) as host:
        found: Future[bytes] = Future()
        worker = threading.Thread(
            target=lambda: found.set_result(
                run(host, "cat; sleep 1; echo end", stdin=b"x" * 3_000_000).stdout
            )
        )
        worker.start()
        for _ in range(50):
            assert small(host).outcome is ProbeOutcome.OK
        assert found.result(30) == b"x" * 1_000_000 or found.result(30).endswith(b"end\n")
        worker.join()


@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_a_change_of_keys_is_lived_through(tmp_path: Path, whose: str) -> None:
    options = {"RekeyLimit": "64K"} if whose == "theirs" else {}
    with running_sshd(tmp_path, **options) as server, looping(server.spec()) as host:
        first = small(host)
        assert first.whole
        link = host.link
        assert link is not None
        changed = watched_keys(link.transport)
        for number in range(120):
            if whose == "ours" and number % 10 == 0:
                host.reactor.call(link.transport._send_kex_init)
            found: Future[Sample] = Future()
            host.begin(Ask(services=()), found.set_result)
            assert found.result(60).outcome is ProbeOutcome.OK
            if len(changed) >= 3:
                break
        assert len(changed) >= 3
        assert host.link is link
        assert run(host, "echo well").stdout == b"well\n"


def watched_keys(transport) -> list[float]:  # type: ignore[no-untyped-def]
    """Return a list that grows with every change of keys."""
    seen: list[float] = []
    activate = transport._activate_inbound

    def note() -> None:
        seen.append(time.monotonic())
        activate()

    transport._activate_inbound = note
    return seen


def test_a_collector_that_is_killed_is_replaced(kept: Asking, sshd: Sshd) -> None:
    with kept(sshd.spec()) as host:
        small(host)
        for pid in collectors(sshd):
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not collectors(sshd))
        assert eventually(lambda: small(host).outcome is ProbeOutcome.OK)
        assert len(collectors(sshd)) == 1


def test_a_round_whose_connection_is_cut_is_taken_once_more(kept: Asking, sshd: Sshd) -> None:
    with nothing_left(), kept(sshd.spec()) as host:
        small(host)
        sshd.cut()
        sample = small(host)
        assert (sample.outcome, sample.whole) == (ProbeOutcome.OK, True), sample.reason


def test_what_a_frozen_server_answers_too_late_belongs_to_nobody(kept: Asking, sshd: Sshd) -> None:
    with nothing_left(), kept(sshd.spec(command_timeout_s=1.5, connect_timeout_s=2.0)) as host:
        small(host)
        with frozen(sshd):
            began = time.monotonic()
            late = small(host, 1)
            assert late.outcome is ProbeOutcome.TIMEOUT
            assert time.monotonic() - began < 6
        for _ in range(3):
            assert eventually(lambda: small(host, ME).outcome is ProbeOutcome.OK)


def test_a_server_that_stopped_is_unreachable_and_found_again(kept: Asking, sshd: Sshd) -> None:
    with nothing_left(), kept(sshd.spec()) as host:
        small(host)
        sshd.stop()
        assert small(host).outcome is ProbeOutcome.UNREACHABLE
        sshd.start()
        assert eventually(lambda: small(host).outcome is ProbeOutcome.OK)


def test_a_server_whose_packets_hide_their_length_is_asked_by_a_thread_that_waits(tmp_path: Path) -> None:
    with (
        running_sshd(tmp_path, Ciphers="aes128-ctr", MACs="hmac-sha2-256") as server,
        nothing_left(),
        looping(server.spec()) as host,
    ):
        sample = small(host)
        assert (sample.outcome, sample.whole, host.way) == (ProbeOutcome.OK, True, Way.HIDDEN_LENGTHS)
        assert (small(host).whole, len(collectors(server))) == (False, 1)


def test_encrypt_then_mac_is_read_as_well(tmp_path: Path) -> None:
    with (
        running_sshd(tmp_path, Ciphers="aes256-ctr", MACs="hmac-sha2-256-etm@openssh.com") as server,
        looping(server.spec()) as host,
    ):
        assert small(host).whole
        assert (small(host).whole, host.way) == (False, Way.LOOP)


def test_a_server_that_forwards_nothing_lets_the_host_ask_itself(tmp_path: Path) -> None:
    with (
        serving(answers("200 OK")) as port,
        running_sshd(tmp_path, AllowTcpForwarding="no") as server,
        looping(server.spec()) as host,
    ):
        spec = ServiceSpec(name="shop", http=HttpCheck(url=f"http://127.0.0.1:{port}/"))
        assert small(host, services=[spec]).answers["shop"].status == 200


def test_a_server_that_runs_no_commands_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with (
        running_sshd(tmp_path, ForceCommand="echo this account is for tunnels") as server,
        looping(server.spec()) as host,
    ):
        for _ in range(4):
            sample = small(host)
            assert sample.outcome is ProbeOutcome.ERROR
            assert "this account is for tunnels" in sample.reason


def test_many_rounds_leave_nothing_behind(sshd: Sshd) -> None:
    with serving(answers("200 OK")) as port, looping(sshd.spec()) as host:
        spec = ServiceSpec(name="shop", http=HttpCheck(url=f"http://127.0.0.1:{port}/"))
        small(host, services=[spec])
        link = host.link
        assert link is not None
        for _ in range(300):
            small(host, services=[spec])
        assert eventually(lambda: len(link._feeds) == 1)
        assert not link.transport.channels_seen
        assert len(host.reactor._timers) < 700


def test_the_self_test_says_nothing_here_and_what_is_wrong_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_left():
        assert self_test.what_is_wrong(QuietTelemetry()) == ""
    monkeypatch.setattr(self_test.Transport, "parked", property(lambda _: False))
    assert self_test.what_is_wrong(QuietTelemetry()) == "its connections cannot be taken over"
