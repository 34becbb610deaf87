"""All hosts of the fleet, each made when first asked for."""

import threading

from bot.domain.targets import Fleet, Transport
from bot.hosts.local import LocalHost
from bot.hosts.ssh import SshHost
from bot.ports import Clock, Telemetry


class SshFleet:
    """Fulfils ports.Hosts."""

    def __init__(self, fleet: Fleet, *, clock: Clock, telemetry: Telemetry) -> None:
        self._fleet, self._clock, self._telemetry = fleet, clock, telemetry
        self._lock = threading.Lock()
        self._hosts: dict[str, SshHost | LocalHost] = {}

    def get(self, name: str) -> SshHost | LocalHost:
        spec = self._fleet.hosts[name]
        with self._lock:
            if name not in self._hosts:
                kind = LocalHost if spec.transport is Transport.LOCAL else SshHost
                self._hosts[name] = kind(spec, clock=self._clock, telemetry=self._telemetry)
            return self._hosts[name]

    def connections(self) -> int:
        """Return how many SSH connections are open."""
        with self._lock:
            return sum(host.connected for host in self._hosts.values())

    def close(self) -> None:
        with self._lock:
            hosts = list(self._hosts.values())
        for host in hosts:
            host.close()


def open_hosts(fleet: Fleet, *, clock: Clock, telemetry: Telemetry) -> SshFleet:
    """Return the fleet's hosts; nothing is dialled yet."""
    return SshFleet(fleet, clock=clock, telemetry=telemetry)
