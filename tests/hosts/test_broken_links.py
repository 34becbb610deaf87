"""A connection that is cut, and a server that freezes in the middle."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from bot.ports import Limit
from tests.hosts.peers import answers, serving
from tests.hosts.stand import Asking, asking, eventually, frozen, nothing_left, refused, run, web
from tests.sshd import Sshd, running_sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with running_sshd(tmp_path) as server:
        yield server


def test_a_connection_cut_between_two_rounds_is_dialled_again_unseen(way: Asking, sshd: Sshd) -> None:
    with nothing_left(), way(sshd.spec()) as host:
        assert host.sample(()).outcome is ProbeOutcome.OK
        sshd.cut()
        assert host.sample(()).outcome is ProbeOutcome.OK
        sshd.cut()
        assert eventually(lambda: not host.connected)
        assert run(host, "echo next").stdout == b"next\n"


def test_a_script_whose_connection_breaks_is_not_run_again_by_itself(sshd: Sshd, tmp_path: Path) -> None:
    """It may have done its work: a restart must never be issued twice."""
    note = tmp_path / "runs"
    with asking(sshd.spec()) as host, ThreadPoolExecutor(1) as pool:
        running = pool.submit(refused, host, f"echo run >>{note}; sleep 60")
        assert eventually(note.exists)
        sshd.cut()
        failure = running.result()
        assert failure.outcome is ProbeOutcome.ERROR
        assert failure.reason == "the connection broke"
        assert note.read_text() == "run\n"
        assert run(host, "echo next").stdout == b"next\n"


def test_a_round_whose_connection_breaks_is_taken_once_more(way: Asking, sshd: Sshd) -> None:
    with way(sshd.spec()) as host, ThreadPoolExecutor(1) as pool:
        for _ in range(5):
            run(host, "true")
            sample = pool.submit(host.sample, ())
            time.sleep(0.05)
            sshd.cut()
            assert sample.result().outcome is ProbeOutcome.OK, sample.result().reason


def test_a_server_that_went_and_came_back_is_found_again(way: Asking, sshd: Sshd) -> None:
    with nothing_left(), way(sshd.spec()) as host:
        assert host.sample(()).outcome is ProbeOutcome.OK
        sshd.stop()
        gone = host.sample(())
        assert gone.outcome is ProbeOutcome.UNREACHABLE
        sshd.start()
        assert eventually(lambda: host.sample(()).outcome is ProbeOutcome.OK)


def test_a_frozen_server_is_a_timeout_and_its_late_answer_belongs_to_nobody(sshd: Sshd) -> None:
    with nothing_left(), asking(sshd.spec(connect_timeout_s=5.0)) as host:
        run(host, "true")
        with frozen(sshd):
            began = time.monotonic()
            assert refused(host, "echo late", limit=Limit(seconds=2)).outcome is ProbeOutcome.TIMEOUT
            assert time.monotonic() - began < 10
        for number in range(5):
            assert run(host, f"echo {number}").stdout == f"{number}\n".encode()


def test_a_sample_in_a_frozen_server_ends_in_time_and_the_next_is_well(sshd: Sshd) -> None:
    with (
        serving(answers("200 OK")) as port,
        nothing_left(),
        asking(sshd.spec(connect_timeout_s=5.0, command_timeout_s=2.0)) as host,
    ):
        shop = web(f"http://127.0.0.1:{port}/", timeout_s=2.0)
        assert host.sample([shop]).outcome is ProbeOutcome.OK
        with frozen(sshd):
            began = time.monotonic()
            assert host.sample([shop]).outcome is ProbeOutcome.TIMEOUT
            assert time.monotonic() - began < 15
        after = host.sample([shop])
        assert after.outcome is ProbeOutcome.OK, after.reason
        assert after.answers["shop"].status == 200


def test_frozen_while_a_script_runs_is_a_timeout_and_what_follows_is_its_own(sshd: Sshd) -> None:
    with asking(sshd.spec(connect_timeout_s=5.0)) as host, ThreadPoolExecutor(1) as pool:
        run(host, "true")
        running = pool.submit(refused, host, "sleep 1; echo late", limit=Limit(seconds=4))
        time.sleep(0.5)
        with frozen(sshd):
            assert running.result().outcome is ProbeOutcome.TIMEOUT
        assert run(host, "echo next").stdout == b"next\n"


def test_closing_ends_what_runs_and_a_closed_host_dials_no_more(sshd: Sshd) -> None:
    with nothing_left(), asking(sshd.spec()) as host, ThreadPoolExecutor(1) as pool:
        run(host, "true")
        running = pool.submit(refused, host, "sleep 60")
        time.sleep(0.5)
        host.close()
        assert running.result().outcome is ProbeOutcome.ERROR
        assert refused(host).reason == "the bot stops"
