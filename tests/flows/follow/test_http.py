"""Who waits for another service of the fleet leads to what that one stands in, over three hops at most."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.diagnosis import Cause
from bot.domain.targets import HttpCheck, ServiceSpec
from bot.ports import Store
from tests.flows.follow.stage import PROGRAMS, because, fleet_of, inspected, program, until
from tests.postgres import free_port

FETCHES = next(
    number
    for number, line in enumerate((PROGRAMS / "gateway.py").read_text().splitlines(), 1)
    if "urlopen(url)" in line
)
HOSTS = {
    "web1": "127.0.0.6",
    "api1": "127.0.0.2",
    "pay1": "127.0.0.3",
    "bank1": "127.0.0.4",
    "far1": "127.0.0.5",
}


@dataclass(frozen=True, kw_only=True)
class Chain:
    ports: list[int]
    pids: list[int]


@contextmanager
def gateways(last: str, count: int = 2) -> Iterator[Chain]:
    """Run servers of which each asks the next one and the last asks a URL (with `{first}` for the first one's port)."""
    ports = [free_port() for _ in range(count)]
    addresses = list(HOSTS.values())
    with ExitStack() as stack:
        pids = []
        for at, port in enumerate(ports):
            following = (
                f"http://{addresses[at + 1]}:{ports[at + 1]}/"
                if at + 1 < count
                else last.format(first=ports[0])
            )
            pids.append(stack.enter_context(program("gateway", addresses[at], str(port), following)))
        client = stack.enter_context(socket.create_connection((addresses[0], ports[0])))
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        for pid in pids:
            until(lambda pid=pid: connected(pid) > 1)
        yield Chain(ports=ports, pids=pids)


@contextmanager
def silent() -> Iterator[str]:
    """Run somebody who listens and never accepts; yield the URL."""
    port = free_port()
    with program("bank", str(port)):
        yield f"http://127.0.0.1:{port}/"


def connected(pid: int) -> int:
    """Return how many sockets a process has besides its listening one."""
    links = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(path.readlink()))
        except OSError:
            continue
    return sum(link.startswith("socket:") for link in links) - 1


def services_at(chain: Chain) -> dict[str, ServiceSpec]:
    return {
        f"svc{at}": ServiceSpec(name=f"svc{at}", http=HttpCheck(url=f"http://{{address}}:{port}/"))
        for at, port in enumerate(chain.ports)
    }


def test_the_wait_ends_at_the_line_of_the_service_behind(store: Store) -> None:
    with silent() as url, gateways(url) as chain:
        found = inspected(fleet_of(store, HOSTS, services_at(chain)), "web1", chain.pids[0])
    finding = found.diagnosis.findings[0]
    assert finding.cause is Cause.BLOCKED_NETWORK
    said = because(found)
    assert f"waits for api1:{chain.ports[1]} svc1" in said
    assert (
        f"process {chain.pids[1]} on api1 stands in `Gateway.fetch`, {PROGRAMS / 'gateway.py'} line {FETCHES}"
        in said
    )
    assert "distributed deadlock" not in " ".join(said)


def test_services_that_wait_for_each_other_are_a_distributed_deadlock(store: Store) -> None:
    with gateways("http://127.0.0.6:{first}/") as chain:
        found = inspected(fleet_of(store, HOSTS), "web1", chain.pids[0])
    said = because(found)
    assert f"127.0.0.1:{chain.ports[0]}" not in said[0]
    assert said[-1] == (
        f"and that is process {chain.pids[0]} on web1 again: they wait for each other, a distributed deadlock"
    )


@pytest.mark.campaign
def test_nobody_is_followed_further_than_three_hops(store: Store) -> None:
    with silent() as url, gateways(url, count=5) as chain:
        found = inspected(fleet_of(store, HOSTS), "web1", chain.pids[0])
    said = " ".join(because(found))
    assert [f"process {pid} on" in said for pid in chain.pids] == [False, True, True, True, False]
