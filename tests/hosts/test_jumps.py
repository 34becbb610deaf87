"""Hosts behind other hosts, and behind a command of this machine. On real servers."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts.fleet import ways_through
from bot.hosts.loop.host import LoopHost
from bot.hosts.loop.reactor import Reactor
from bot.hosts.ssh import SshHost
from tests.clocks import QuietTelemetry, RealClock
from tests.hosts.stand import asking, eventually, nothing_left, refused, run
from tests.sshd import Sshd, free_port, running_sshd

FAR = "127.0.9.1"


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Sshd]:
    with running_sshd(tmp_path, ListenAddress=FAR) as server:
        yield server


@pytest.fixture
def bastion(tmp_path: Path) -> Iterator[Sshd]:
    with running_sshd(tmp_path, LogLevel="VERBOSE") as server:
        yield server


@contextmanager
def behind(*specs: HostSpec, resident: bool = False) -> Iterator[list[SshHost]]:
    """Yield the hosts of some specs, which share their ways."""
    telemetry = QuietTelemetry()
    reactor, threads = Reactor(telemetry), ThreadPoolExecutor(32)
    ways = ways_through(reactor, passphrase=None)
    shared = {"clock": RealClock(), "telemetry": telemetry, "ways": ways}
    hosts = [
        LoopHost(spec, reactor=reactor, threads=threads, **shared) if resident else SshHost(spec, **shared)  # type: ignore[arg-type]
        for spec in specs
    ]
    try:
        yield hosts
    finally:
        for host in hosts:
            host.close()
        ways.close()
        reactor.stop()
        threads.shutdown()
    assert telemetry.failures == []


def logins(sshd: Sshd) -> int:
    return sshd.log.read_text().count("Accepted publickey")


@pytest.mark.parametrize("resident", [False, True])
def test_hosts_behind_a_jump_host_share_one_login_there(far: Sshd, bastion: Sshd, resident: bool) -> None:
    jump = bastion.spec("b1")
    specs = [far.spec(f"web{number}", jump=jump) for number in range(12)]
    with nothing_left(), behind(*specs, resident=resident) as hosts, ThreadPoolExecutor(12) as pool:
        samples = list(pool.map(lambda host: host.sample(()), hosts))
        assert [sample.reason for sample in samples] == [""] * 12
        outs = list(pool.map(lambda host: run(host, "echo $SSH_CONNECTION").stdout, hosts))
    assert {out.split()[2].decode() for out in outs} == {FAR}
    assert logins(bastion) == 1


def test_much_goes_through_in_both_directions(far: Sshd, bastion: Sshd) -> None:
    with nothing_left(), behind(far.spec(jump=bastion.spec("b1"))) as (host,):
        sent = bytes(range(256)) * 20_000
        done = run(host, "cat | wc -c; head -c 900000 /dev/zero", stdin=sent)
        assert done.stdout.startswith(b"5120000\n")
        assert len(done.stdout) == 900_008


def test_a_jump_host_may_be_behind_another(far: Sshd, bastion: Sshd, tmp_path: Path) -> None:
    with running_sshd(tmp_path, ListenAddress="127.0.9.2") as second:
        through = second.spec("b2", jump=bastion.spec("b1"))
        with nothing_left(), behind(far.spec(jump=through)) as (host,):
            assert run(host, "echo in").stdout == b"in\n"


def test_what_is_wrong_with_the_jump_host_is_said_as_such(far: Sshd, bastion: Sshd, tmp_path: Path) -> None:
    closed = bastion.spec("b1", port=free_port())
    with behind(far.spec(jump=closed)) as (host,):
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.UNREACHABLE
    assert failure.reason == "jump host b1: connection refused"
    unknown = bastion.spec("b1", known_hosts=str(tmp_path / "none"))
    with behind(far.spec(jump=unknown)) as (host,):
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.HOST_KEY_UNKNOWN
    assert "hangbot trust b1" in failure.reason
    with behind(far.spec(jump=bastion.spec("b1"), port=free_port(FAR))) as (host,):
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.UNREACHABLE
    assert failure.reason == "jump host b1: cannot reach it (connection refused)"


def test_a_jump_host_that_forwards_nothing_says_so(far: Sshd, tmp_path: Path) -> None:
    with (
        running_sshd(tmp_path, AllowTcpForwarding="no") as closed,
        nothing_left(),
        behind(far.spec(jump=closed.spec("b1"))) as (host,),
    ):
        assert "AllowTcpForwarding" in refused(host).reason


def test_a_jump_host_that_broke_is_reached_again(far: Sshd, bastion: Sshd) -> None:
    with nothing_left(), behind(far.spec(jump=bastion.spec("b1")), resident=True) as (host,):
        assert not host.sample(()).reason
        bastion.cut()
        assert eventually(lambda: not host.connected)
        assert eventually(lambda: not host.sample(()).reason)
    assert logins(bastion) >= 2


def test_a_jump_host_that_fails_is_not_stormed(far: Sshd, bastion: Sshd) -> None:
    bastion.stop()
    specs = [far.spec(f"web{number}", jump=bastion.spec("b1")) for number in range(20)]
    tried = 0

    def count() -> None:
        nonlocal tried
        import socket

        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind((bastion.address, bastion.port))
            door.listen(64)
            door.settimeout(0.2)
            end = time.monotonic() + 2.0
            while time.monotonic() < end:
                try:
                    peer, _ = door.accept()
                except TimeoutError:
                    continue
                tried += 1
                peer.sendall(b"Exceeded MaxStartups\r\n")
                peer.close()

    counting = threading.Thread(target=count)
    counting.start()
    time.sleep(0.2)
    with behind(*specs) as hosts, ThreadPoolExecutor(20) as pool:
        samples = list(pool.map(lambda host: host.sample(()), hosts))
    counting.join()
    assert all("jump host b1" in sample.reason for sample in samples)
    assert 1 <= tried <= 60


def test_a_command_of_this_machine_carries_the_bytes(far: Sshd, tmp_path: Path) -> None:
    carry = tmp_path / "carry.py"
    carry.write_text(
        "import os, socket, sys, threading\n"
        "peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def there():\n"
        "    while data := os.read(0, 65536): peer.sendall(data)\n"
        "    peer.shutdown(socket.SHUT_RDWR)\n"
        "threading.Thread(target=there, daemon=True).start()\n"
        "while data := peer.recv(65536): os.write(1, data)\n"
    )
    line = f"{sys.executable} {carry} %h %p"
    with behind(far.spec(proxy_command=line), far.spec(proxy_command="false")) as (host, other):
        assert run(host, "echo in").stdout == b"in\n"
        assert host.connected
        assert refused(other).outcome is not ProbeOutcome.OK
    with asking(far.spec(proxy_command="nc -%z %h")) as host:
        assert "%z" in refused(host).reason
