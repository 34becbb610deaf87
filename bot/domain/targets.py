"""What is watched: hosts, the services on them, and the fleet they make up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from bot.domain.errors import UnknownName

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, order=True)
class Target:
    """A host, or one service on it."""

    host: str
    service: str | None = None

    def __str__(self) -> str:
        return f"{self.service} on {self.host}" if self.service else self.host


class Transport(StrEnum):
    SSH = "ssh"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True)
class HttpCheck:
    """A URL that is asked on the host itself; an answer below 500 within `timeout_s` is good."""

    url: str
    timeout_s: float = 3.0

    @property
    def port(self) -> int | None:
        """The port that it is asked at; None where the URL names none that can be read."""
        try:
            parts = urlsplit(self.url)
            return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError:
            return None


BOT = "bot"
"""The bot's own machine, as the place a front is asked from."""


@dataclass(frozen=True, kw_only=True)
class FrontCheck:
    """The URL by which users come in, asked from the bot's machine or from a host; an answer below 500 is good."""

    url: str
    source: str = BOT
    timeout_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A service as the config describes it.

    `process` is a text that the command line of its processes contains, for services without a unit;
    `supervisor` and `container` are what it is called there, where supervisord or a container runtime keeps it;
    `restart` is the argv that restarts it where none of them is to. In `process`, `restart` and the URL, `{host}` and
    `{address}` stand for those of the host it runs on.
    """

    name: str
    unit: str | None = None
    process: str | None = None
    supervisor: str | None = None
    container: str | None = None
    http: HttpCheck | None = None
    front: FrontCheck | None = None
    restart: tuple[str, ...] | None = None
    start_grace_s: float = 60.0

    def on(self, host: "HostSpec") -> "ServiceSpec":
        """Return the service as it is on one host, the placeholders filled in."""

        def fill(text: str) -> str:
            return text.replace("{host}", host.name).replace("{address}", host.address or host.name)

        return replace(
            self,
            process=fill(self.process) if self.process else None,
            http=replace(self.http, url=fill(self.http.url)) if self.http else None,
            restart=tuple(fill(word) for word in self.restart) if self.restart else None,
        )


@dataclass(frozen=True, kw_only=True)
class HostSpec:
    """A host as the config and its inventories describe it, defaults filled in, paths absolute.

    `key_file` is offered at the login, then `identities`, as far as they exist, each with its certificate, then what
    the ssh-agent at `agent` (a socket's path) holds; `identities_only`: of the agent's keys only those whose public
    half lies beside one of the files. `also_known` are known_hosts files that are read and never written, `key_alias`
    the name that the host has in them. `jump` is the host it is reached through, `proxy_command` a command line of this
    machine that speaks with it.
    """

    name: str
    address: str = ""
    port: int = 22
    user: str = "hangbot"
    key_file: str | None = None
    identities: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    agent: str = ""
    identities_only: bool = True
    known_hosts: str | None = None
    also_known: tuple[str, ...] = ()
    key_alias: str = ""
    jump: "HostSpec | None" = None
    proxy_command: str = ""
    transport: Transport = Transport.SSH
    zone: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    connect_timeout_s: float = 5.0
    command_timeout_s: float = 30.0
    sudo: bool = True

    @property
    def as_root(self) -> tuple[str, ...]:
        """What goes before a command that needs root: it never asks for a password, and is empty where the account is root,
        or `sudo` is off.
        """
        root = self.user == "root" and self.transport is Transport.SSH
        return ("sudo", "-n") if self.sudo and not root else ()

    @property
    def jumps(self) -> tuple["HostSpec", ...]:
        """All hosts on the way, the nearest to this one first."""
        return (self.jump, *self.jump.jumps) if self.jump is not None else ()


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """All hosts and services, by name."""

    hosts: Mapping[str, HostSpec]
    services: Mapping[str, ServiceSpec]

    def host(self, word: str) -> HostSpec:
        """Return the host called `word` (any case); raise UnknownName with the nearest names."""
        return _find(self.hosts, word, kind="host")

    def reached(self, word: str) -> HostSpec:
        """Return the host called `word`, or the jump host, which need not be watched itself; raise UnknownName."""
        jumps = {jump.name: jump for host in self.hosts.values() for jump in host.jumps}
        return _find({**jumps, **self.hosts}, word, kind="host")

    def service_on(self, host: HostSpec, word: str) -> ServiceSpec:
        """Return the service called `word` as it is on `host`; raise UnknownName with the nearest names."""
        names = {name: name for name in host.services}
        return self.services[_find(names, word, kind="service", on=host.name)].on(host)

    def shows_front(self, host: HostSpec, service: str) -> bool:
        """Whether a service's front is told of this host: of all that have the service, of the first alone."""
        return host.name == next((one.name for one in self.hosts.values() if service in one.services), "")

    def services_on(self, host: HostSpec) -> tuple[ServiceSpec, ...]:
        """Return all services of a host, as they are there."""
        return tuple(self.services[name].on(host) for name in host.services)


def _find(known: Mapping[str, T], word: str, *, kind: str, on: str | None = None) -> T:
    by_lower = {name.lower(): name for name in known}
    if (name := by_lower.get(word.lower())) is not None:
        return known[name]
    nearest = get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)
    raise UnknownName(
        kind=kind, word=word, on=on, nearest=tuple(by_lower[name] for name in nearest), known=tuple(known)
    )
