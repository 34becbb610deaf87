"""All hosts of the fleet, each made when first asked for."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.domain.targets import Fleet, HostSpec, Transport
from bot.hosts.local import LocalHost
from bot.hosts.loop.host import LoopHost
from bot.hosts.loop.reactor import Reactor
from bot.hosts.loop.self_test import what_is_wrong
from bot.hosts.ssh import SshHost
from bot.ports import Ask, Clock, Sample, Telemetry

MOST_THREADS = 64
AnyHost = LoopHost | SshHost | LocalHost


class SshFleet:
    """Fulfils ports.Hosts. `resident`: hosts are asked over and over, so each gets a collector, and one thread reads them
    all; else each question is a command.
    """

    def __init__(self, fleet: Fleet, *, clock: Clock, telemetry: Telemetry, resident: bool = False) -> None:
        self._fleet, self._clock, self._telemetry = fleet, clock, telemetry
        self._lock = threading.Lock()
        self._hosts: dict[str, AnyHost] = {}
        most = min(MOST_THREADS, len(fleet.hosts) + 1)
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="hosts")
        self._reactor = self._tested() if resident else None

    def get(self, name: str) -> AnyHost:
        spec = self._fleet.hosts[name]
        with self._lock:
            if name not in self._hosts:
                self._hosts[name] = self._made(spec)
            return self._hosts[name]

    def begin(self, name: str, ask: Ask, done: Callable[[Sample], None]) -> None:
        host = self.get(name)
        if isinstance(host, LoopHost):
            host.begin(ask, done)
        else:
            self._threads.submit(lambda: done(host.sample(ask.services)))

    def connections(self) -> int:
        """Return how many SSH connections are open."""
        with self._lock:
            return sum(host.connected for host in self._hosts.values())

    def close(self) -> None:
        with self._lock:
            hosts = list(self._hosts.values())
        for host in hosts:
            host.close()
        if self._reactor is not None:
            self._reactor.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _made(self, spec: HostSpec) -> AnyHost:
        if spec.transport is Transport.LOCAL:
            return LocalHost(spec, clock=self._clock, telemetry=self._telemetry)
        if self._reactor is None:
            return SshHost(spec, clock=self._clock, telemetry=self._telemetry)
        return LoopHost(
            spec,
            clock=self._clock,
            telemetry=self._telemetry,
            reactor=self._reactor,
            threads=self._threads,
        )

    def _tested(self) -> Reactor | None:
        """Return the loop, if paramiko's inside is as it must be; else say so, and do with a command per round."""
        wrong = what_is_wrong(self._telemetry)
        if not wrong:
            return Reactor(self._telemetry)
        self._telemetry.event(
            "ssh loop",
            warning=f"one thread cannot read all connections ({wrong}): a command is run each round",
        )
        return None


def open_hosts(fleet: Fleet, *, clock: Clock, telemetry: Telemetry, resident: bool = False) -> SshFleet:
    """Return the hosts of a fleet; nothing is connected yet."""
    return SshFleet(fleet, clock=clock, telemetry=telemetry, resident=resident)
