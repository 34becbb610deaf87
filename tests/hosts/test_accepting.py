"""Servers that have stopped accepting, seen through real samples of a real host, with no health URL anywhere."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bot.domain.builtin_rules import BUILTIN
from bot.domain.evaluation import State, evaluate
from bot.domain.observations import Observation, ServiceState
from bot.domain.targets import ServiceSpec
from bot.ports import Sample
from bot.probes import observe
from tests.hosts.stand import asking
from tests.sshd import Sshd, free_port, running_sshd

SERVER = """
import socket, sys, time
door = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=16)
print("ready", flush=True)
kept = []
while sys.argv[2] == "accepts":
    kept.append(door.accept()[0])
    time.sleep(float(sys.argv[3]))
time.sleep(600)
"""


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("accepting")) as server:
        yield server


def serving(stack: ExitStack, *how: str) -> int:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), *how], stdout=subprocess.PIPE)
    assert process.stdout is not None
    stack.callback(process.wait)
    stack.callback(process.kill)
    stack.enter_context(process.stdout)
    assert process.stdout.readline() == b"ready\n"
    return port


def call(stack: ExitStack, port: int, *, says: bytes = b"") -> None:
    peer = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
    peer.sendall(says)


def rounds(
    sshd: Sshd, spec: ServiceSpec | None, *, count: int = 3, apart_s: float = 0.6, between=lambda: None
) -> list[Observation]:  # type: ignore[no-untyped-def]
    specs = [spec] if spec else []
    found: list[Observation] = []
    previous: Sample | None = None
    with asking(sshd.spec()) as host:
        for _ in range(count):
            sample = host.sample(specs)
            found.append(observe(sample, specs, previous=previous, seen=found[-1] if found else None))
            previous = sample
            between()
            time.sleep(apart_s)
    return found


def judged(observation: Observation) -> State:
    (rule,) = (rule for rule in BUILTIN if rule.name == "port_silent")
    return evaluate(observation, rule, service=None).state


def deaf(observation: Observation, port: int) -> float | None:
    found = observation.metrics["accept_stuck_seconds"]
    assert not isinstance(found, float)
    return found.get(str(port))


@pytest.mark.parametrize("says", [b"", b"GET / HTTP/1.0\r\n\r\n"])
def test_a_port_at_which_the_same_connection_waits_twice_is_deaf(sshd: Sshd, says: bytes) -> None:
    with ExitStack() as stack:
        port = serving(stack, "never")
        call(stack, port, says=says)
        first, second, third = rounds(sshd, None)
        assert deaf(first, port) == 0.0
        assert 0 < (deaf(second, port) or 0) < (deaf(third, port) or 0)
        assert judged(third) is State.BAD


def test_a_server_that_is_slow_and_goes_on_accepting_is_not(sshd: Sshd) -> None:
    """There is always somebody waiting, and never the same."""
    with ExitStack() as stack:
        port = serving(stack, "accepts", "0.1")
        calls = [0]

        def more() -> None:
            for _ in range(2):
                call(stack, port)
                calls[0] += 1

        found = rounds(sshd, None, count=5, between=more)
        assert calls[0] == 10
        assert all(not deaf(one, port) for one in found)


def test_a_service_without_a_health_url_falls_silent_when_it_accepts_no_more(
    sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.probes.DEAF_S", 1.0)
    with ExitStack() as stack:
        port = serving(stack, "never")
        spec = ServiceSpec(name="shop", process=f"time.sleep(600)\n {port} never".splitlines()[1].strip())
        call(stack, port)
        found = rounds(sshd, spec, count=4)
        states = [one.services["shop"].state for one in found]
        assert states[0] is ServiceState.ANSWERING
        assert states[-1] is ServiceState.SILENT
        assert found[-1].services["shop"].reason == "not_accepting"
        assert deaf(found[-1], port) is None  # it is told of the service


def test_nobody_waiting_is_good(sshd: Sshd) -> None:
    (only,) = rounds(sshd, None, count=1)
    assert judged(only) is State.GOOD
