"""Whatever answers on the port: an outcome with a reason, in time, in little memory, with nothing left behind."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from tests.hosts import peers
from tests.hosts.stand import asking, forget_peak, nothing_left, peak_mib
from tests.sshd import Sshd, running_sshd

WITHIN_S = 3.0
SLACK_S = 6.0
MUCH_MIB = 48

SILENT, ERROR, BUSY = ProbeOutcome.TIMEOUT, ProbeOutcome.ERROR, "busy: "
SERVERS = [
    (peers.silent, SILENT, ""),
    (peers.drips, SILENT, ""),
    (peers.drips_lines, SILENT, ""),
    (peers.stalls_in_kex, SILENT, ""),
    (peers.endless_line, ERROR, "no SSH server"),
    (peers.junk, ERROR, "no SSH server"),
    (peers.web_server, ERROR, "no SSH server"),
    (peers.huge_packet, ERROR, "sane"),
    (peers.large_packets, ERROR, "sane"),
    (peers.junk_after_banner, ERROR, "makes no sense"),
    (peers.closes, ERROR, BUSY),
]


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("neighbour")) as server:
        yield server


def hostile(sshd: Sshd, port: int, folder: Path, *, known: bool) -> HostSpec:
    """Return a spec whose host key is known (so that we would log in), or is not (so that it is only looked at)."""
    file = folder / "known_hosts"
    line = f"[127.0.0.1]:{port} {' '.join(sshd.host_key_line.split()[1:])}\n"
    file.write_text(line if known else "")
    file.chmod(0o600)
    return sshd.spec("bad", port=port, known_hosts=str(file), connect_timeout_s=WITHIN_S)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("server", SERVERS, ids=[one[0].__name__ for one in SERVERS])
def test_it_is_an_outcome_with_a_reason(
    sshd: Sshd, tmp_path: Path, server: tuple[peers.Speak, ProbeOutcome, str], known: bool
) -> None:
    speak, outcome, said = server
    with nothing_left(), peers.serving(speak) as port:
        before, began = forget_peak(), time.monotonic()
        with asking(hostile(sshd, port, tmp_path, known=known)) as host:
            sample = host.sample(())
        took, grown = time.monotonic() - began, peak_mib() - before
    assert sample.outcome is outcome, sample.reason
    assert said in sample.reason
    assert sample.reason
    assert took < WITHIN_S + SLACK_S
    assert grown < MUCH_MIB


def test_twenty_of_them_do_not_delay_a_good_host(sshd: Sshd, tmp_path: Path) -> None:
    with peers.serving(peers.silent) as silent, peers.serving(peers.drips_lines) as drips:
        specs = [
            replace(hostile(sshd, port, folder, known=True), connect_timeout_s=2 * WITHIN_S)
            for number in range(10)
            for port in (silent, drips)
            if (folder := tmp_path / f"{number}-{port}").mkdir() is None
        ]
        with ThreadPoolExecutor(len(specs)) as pool, asking(sshd.spec()) as good:
            good.sample(())

            def look(spec: HostSpec) -> float:
                with asking(spec) as host:
                    assert host.sample(()).outcome is SILENT
                return time.monotonic()

            ends = [pool.submit(look, spec) for spec in specs]
            assert good.sample(()).outcome is ProbeOutcome.OK
            well = time.monotonic()
            assert well < min(end.result() for end in ends)


def test_a_hundred_tries_leave_nothing(sshd: Sshd, tmp_path: Path) -> None:
    """Rounds wait longer and longer between two dials, a person's question does not: this asks as a person."""
    with nothing_left(), peers.serving(peers.web_server) as port:
        spec = hostile(sshd, port, tmp_path, known=True)
        for _ in range(100):
            with asking(spec) as host:
                assert host.sample(()).outcome is ERROR
