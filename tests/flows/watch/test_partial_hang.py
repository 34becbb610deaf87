"""One of four workers is stuck: found in the rounds alone, named by its number, and looked at alone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.domain.alerts import Alert
from bot.domain.observations import Observation
from bot.domain.rules import RuleOverride
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec, Transport
from bot.flows.watch import watch_host
from bot.hosts.local import LocalHost
from bot.ports import Sample, Services, Store
from bot.present import alert as words
from tests.clocks import QuietTelemetry, RealClock
from tests.fleets import InThreads
from tests.flows.watch.night import night

PROGRAM = Path(__file__).with_name("programs") / "prefork.py"
PATIENCE_S = 60.0
WORKERS = 4


@dataclass
class Here(InThreads):
    host: LocalHost

    def get(self, name: str) -> LocalHost:
        return self.host


@pytest.fixture
def port() -> Iterator[int]:
    """Start the server in a session of its own, and end all of that."""
    with ExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0)) as free:
            found = int(free.getsockname()[1])
        argv = (sys.executable, str(PROGRAM), str(found))
        process = stack.enter_context(subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True))
        stack.callback(os.killpg, process.pid, signal.SIGKILL)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield found


def watching(store: Store, port: int) -> Services:
    """Return a bot for this machine, that takes a worker for stuck after two seconds."""
    web1 = HostSpec(name="web1", transport=Transport.LOCAL, services=("shop",), sudo=False)
    url = HttpCheck(url=f"http://127.0.0.1:{port}/health", timeout_s=1.0)
    shop = ServiceSpec(name="shop", process=f"{PROGRAM.name} {port}", http=url, start_grace_s=0.0)
    made = night(store, rules=[RuleOverride(name="service_degraded", for_s=2.0)]).services
    fleet = Fleet(hosts={"web1": web1}, services={"shop": shop})
    clock = RealClock()
    return replace(
        made,
        settings=replace(made.settings, fleet=fleet),
        hosts=Here(LocalHost(web1, clock=clock, telemetry=QuietTelemetry())),
        clock=clock,
    )


def rounds(services: Services) -> Iterator[Observation]:
    previous: Sample | None = None
    seen: Observation | None = None
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        previous, seen = watch_host("web1", services, previous=previous, seen=seen)
        yield seen
        time.sleep(0.7)


def degraded(store: Store) -> Alert | None:
    found = [one for one in store.alerts(unresolved=True) if one.rule == "service_degraded" and one.told]
    return found[0] if found else None


def busiest(pids: tuple[int, ...]) -> int:
    def ticks(pid: int) -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    return max(pids, key=ticks)


def test_a_worker_that_spins_beside_three_that_answer_is_named_and_looked_at(store: Store, port: int) -> None:
    services = watching(store, port)
    alert: Alert | None = None
    last: Observation | None = None
    with socket.create_connection(("127.0.0.1", port)) as client:
        for seen in rounds(services):
            if not last:
                client.sendall(b"GET /report HTTP/1.1\r\n\r\n")
            last = seen
            if alert := degraded(store):
                break
    assert alert is not None, "not found in time"
    assert last is not None
    pids = last.services["shop"].pids
    assert len(pids) == WORKERS + 1
    assert alert.suspect == busiest(pids)
    card = words.card(
        alert,
        observation=last,
        service=None,
        oncall=(),
        now=services.clock.now(),
        zone=services.settings.timezone,
    )
    assert f"Process {alert.suspect} has used a whole core" in "".join(
        part.text
        for section in card.sections
        for part in getattr(section, "line", ())
        if hasattr(part, "text")
    )
    job = store.claim_job(now=services.clock.now(), worker="w", lease_s=60)
    assert job is not None
    assert (job.kind, job.payload["pid"]) == ("inspect", alert.suspect)


def test_four_workers_with_nothing_to_do_are_left_alone(store: Store, port: int) -> None:
    services = watching(store, port)
    for nth, seen in enumerate(rounds(services)):
        assert seen.services["shop"].strains == ()
        if nth == WORKERS:
            break
    assert [one for one in store.alerts(unresolved=True) if one.target.service] == []
