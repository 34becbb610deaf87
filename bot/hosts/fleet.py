"""All hosts of the fleet, each made when first asked for."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bot.domain.checkups import Way
from bot.domain.targets import BOT, Fleet, HostSpec
from bot.domain.targets import Transport as Kind
from bot.hosts import dial
from bot.hosts.local import LocalHost
from bot.hosts.loop.bastion import Bastions
from bot.hosts.loop.host import LoopHost
from bot.hosts.loop.reactor import Reactor
from bot.hosts.loop.self_test import what_is_wrong
from bot.hosts.ssh import SshHost
from bot.hosts.ways import Ways
from bot.hosts.wire import Transport
from bot.ports import Ask, Clock, Sample, Telemetry

MOST_THREADS = 64
AnyHost = LoopHost | SshHost | LocalHost


class SshFleet:
    """Fulfils ports.Hosts. `resident`: hosts are asked over and over, so each gets a collector, and one thread reads them
    all; else each question is a command.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        clock: Clock,
        telemetry: Telemetry,
        resident: bool = False,
        passphrase: str | None = None,
    ) -> None:
        self._fleet, self._clock, self._telemetry = fleet, clock, telemetry
        self._lock = threading.Lock()
        self._hosts: dict[str, AnyHost] = {}
        most = min(MOST_THREADS, len(fleet.hosts) + 1)
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="hosts")
        self._asked_to_stay = resident
        self._resident = resident and self._is_well()
        self._reactor = Reactor(telemetry)
        self._ways = ways_through(self._reactor, passphrase=passphrase)

    def get(self, name: str) -> AnyHost:
        spec = self._fleet.hosts[name]
        with self._lock:
            if name not in self._hosts:
                self._hosts[name] = self._made(spec)
            return self._hosts[name]

    def here(self) -> LocalHost:
        return LocalHost(
            HostSpec(name=BOT, transport=Kind.LOCAL), clock=self._clock, telemetry=self._telemetry
        )

    def begin(self, name: str, ask: Ask, done: Callable[[Sample], None]) -> None:
        host = self.get(name)
        if isinstance(host, LoopHost):
            host.begin(ask, done)
        elif isinstance(host, SshHost):
            self._threads.submit(lambda: done(host.ask(ask)))
        else:
            self._threads.submit(lambda: done(host.sample(ask.services)))

    def connections(self) -> int:
        """Return how many SSH connections are open."""
        with self._lock:
            return sum(host.connected for host in self._hosts.values())

    def way(self, name: str) -> Way:
        host = self.get(name)
        if isinstance(host, LocalHost):
            return Way.LOCAL
        return host.way if self._asked_to_stay else Way.SINGLE

    def change(self, fleet: Fleet) -> None:
        with self._lock:
            gone = [name for name, host in self._hosts.items() if fleet.hosts.get(name) != host.spec]
            old = [self._hosts.pop(name) for name in gone]
            self._fleet = fleet
        for host in old:
            self._threads.submit(host.close)

    def close(self) -> None:
        with self._lock:
            hosts = list(self._hosts.values())
        for host in hosts:
            host.close()
        self._ways.close()
        self._reactor.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _made(self, spec: HostSpec) -> AnyHost:
        if spec.transport is Kind.LOCAL:
            return LocalHost(spec, clock=self._clock, telemetry=self._telemetry)
        if not self._resident:
            return SshHost(
                spec,
                clock=self._clock,
                telemetry=self._telemetry,
                ways=self._ways,
                stays=self._asked_to_stay,
            )
        return LoopHost(
            spec,
            clock=self._clock,
            telemetry=self._telemetry,
            reactor=self._reactor,
            threads=self._threads,
            ways=self._ways,
        )

    def _is_well(self) -> bool:
        """Whether paramiko's inside is as the loop needs it; else say so, and let a thread wait for each answer."""
        wrong = what_is_wrong(self._telemetry)
        if not wrong:
            return True
        self._telemetry.event(
            "ssh loop",
            warning=f"one thread cannot read all connections ({wrong}): a thread waits for each answer",
        )
        return False


def ways_through(reactor: Reactor, *, passphrase: str | None) -> Ways:
    """Return the ways to hosts, jump hosts among them, whose bytes the reactor moves."""

    def dialled(jump: HostSpec, deadline: float) -> Transport:
        return dial.connect(jump, deadline=deadline, park=True, ways=ways)

    ways = Ways(passphrase=passphrase, bastions=Bastions(reactor, dialled))
    return ways


@contextmanager
def opened_ways(telemetry: Telemetry, *, passphrase: str | None) -> Iterator[Ways]:
    """Yield the ways to hosts, for somebody who has no fleet; close them at the end."""
    reactor = Reactor(telemetry)
    ways = ways_through(reactor, passphrase=passphrase)
    try:
        yield ways
    finally:
        ways.close()
        reactor.stop()


def open_hosts(
    fleet: Fleet,
    *,
    clock: Clock,
    telemetry: Telemetry,
    resident: bool = False,
    passphrase: str | None = None,
) -> SshFleet:
    """Return the hosts of a fleet; nothing is connected yet. `passphrase` opens the key files that have one."""
    return SshFleet(fleet, clock=clock, telemetry=telemetry, resident=resident, passphrase=passphrase)
