"""Who is on the other end of a connection, as far as the config of the fleet tells."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.domain.diagnosis import Finding
from bot.domain.targets import Fleet, HostSpec, ServiceSpec

WAITS = ("waits_for_peer", "waits_for_database", "front_waits")

WAITS_FOR_PROCESS = ("waits_for_file_lock", "waits_for_child", "pipe_end", "front_waits_at_path")


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A connection that a finding's thread waits on. `kind`: the server it seems to be, or empty."""

    address: str
    port: int
    local_port: int
    kind: str = ""
    end_pid: int = 0
    """The process that has the other end, where the kernel told."""


POSTGRESQL = re.compile(r"/\.s\.PGSQL\.(\d+)(?: (\d+))?$")
"""The socket of a server, as `Socket.peer` has it."""


def wait_of(finding: Finding) -> Wait | None:
    """Return what a finding waits for, None where that is no connection to a server."""
    for one in finding.because:
        near = POSTGRESQL.search(str(one.facts.get("peer") or ""))
        if one.code in WAITS and near:
            return Wait(
                address="", port=int(near[1]), local_port=0, kind="PostgreSQL", end_pid=int(near[2] or 0)
            )
        peer, local = (split(str(one.facts.get(key) or "")) for key in ("peer", "local"))
        if one.code in WAITS and peer and local:
            return Wait(
                address=peer[0], port=peer[1], local_port=local[1], kind=str(one.facts.get("kind") or "")
            )
    return None


def process_of(finding: Finding) -> int | None:
    """Return the process on the same host that a finding waits for, as holder of a lock, as child, at the end of a pipe."""
    pids = (one.facts.get("pid") for one in finding.because if one.code in WAITS_FOR_PROCESS)
    return next((pid for pid in pids if isinstance(pid, int) and pid > 0), None)


def split(text: str) -> tuple[str, int] | None:
    """Return address and port of `10.0.0.1:5432` or `[::1]:5432`."""
    address, colon, port = text.rpartition(":")
    return (address.strip("[]"), int(port)) if colon and port.isdecimal() else None


def host_at(fleet: Fleet, address: str, *, seen_from: HostSpec) -> HostSpec | None:
    """Return the host that has an address, as another host sees it: loopback, and no address, is that host itself.

    Several hosts may share one address (they are one machine, entered by several ways): then it is the one that looks.
    """
    if address in ("", "localhost", "127.0.0.1", "::1", seen_from.address, seen_from.name):
        return seen_from
    known = next((host for host in fleet.hosts.values() if address in (host.address, host.name)), None)
    return known or (seen_from if _is_loopback(address) else None)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def service_at(fleet: Fleet, host: HostSpec, port: int) -> ServiceSpec | None:
    """Return the service of a host whose health URL has this port."""
    return next((one for one in fleet.services_on(host) if one.http and _port(one.http.url) == port), None)


def _port(url: str) -> int | None:
    parts = urlsplit(url)
    try:
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None


SERVERS = {
    "postgres": "postgres",
    "postmaster": "postgres",
    "mariadbd": "mariadb",
    "mysqld": "mysql",
    "redis-server": "redis",
    "valkey-server": "valkey",
    "pgbouncer": "pgbouncer",
    "nginx": "nginx",
    "apache2": "apache",
    "httpd": "apache",
    "haproxy": "haproxy",
}


def program(commands: Iterable[str]) -> str:
    """Return what the first of some command lines runs, in a word."""
    for line in commands:
        name = next(iter(line.split()), "").rpartition("/")[2].rstrip(":")
        if name:
            return SERVERS.get(name, name)
    return ""
