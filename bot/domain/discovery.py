"""What listens on a host, and the services that a config could have for it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import basename, splitext

from bot.domain.observations import HttpAnswer
from bot.domain.targets import HttpCheck, ServiceSpec

PATHS = ("/health", "/healthz", "/health/live", "/-/healthy", "/status", "/ping", "/")
"""Where a service may tell how it is, the likeliest first."""
TLS_PORTS = (443, 8443, 9443)
GOOD_BELOW = 400
NOT_SERVICES = frozenset((
    "sshd", "systemd", "systemd-resolve", "systemd-network", "systemd-logind", "dnsmasq", "avahi-daemon", "rpcbind", "cupsd",
    "chronyd", "ntpd", "exim4", "master", "sendmail", "containerd", "dockerd", "kubelet", "init", "xinetd", "inetd",
))  # fmt: skip
"""What every machine has: nobody is woken for it."""
NOT_HTTP = frozenset((
    "postgres", "postmaster", "mysqld", "mariadbd", "redis-server", "valkey-server", "memcached", "mongod", "named", "dovecot",
    "slapd", "smbd", "beam.smp", "epmd", "vsftpd", "rabbitmq-server", "etcd", "bgpd", "zebra", "nfsd",
))  # fmt: skip
"""Servers that are not asked a URL: to them it is an attack, or a line in a log."""
INTERPRETERS = re.compile(
    r"^(python[0-9.]*|node|nodejs|ruby[0-9.]*|perl|php[0-9.]*|java|bash|sh|dash|uv|pypy[0-9.]*)$"
)
UNIT = re.compile(r"/([^/]+\.service)(?:/|$)")
UNNAMED = re.compile(r"[^A-Za-z0-9_.@-]+")


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A process that listens. `addresses` are (address, port); `unit` empty where it is of none."""

    pid: int
    name: str
    command: str
    owner: str = ""
    parent: int = 0
    group: str = ""
    addresses: tuple[tuple[str, int], ...] = ()

    @property
    def unit(self) -> str:
        found = UNIT.search(self.group)
        return found[1] if found and not found[1].startswith("user@") else ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A service for the config, and what speaks for it. `answer`: how its URL answered."""

    spec: ServiceSpec
    listener: Listener
    ports: tuple[int, ...]
    answer: HttpAnswer | None = None


@dataclass(frozen=True, kw_only=True)
class Discovered:
    """A host's proposals; `unseen`: ports whose processes cannot be seen without more rights."""

    host: str
    proposals: tuple[Proposal, ...]
    unseen: tuple[int, ...] = ()


def proposals(listeners: Iterable[Listener]) -> tuple[Proposal, ...]:
    """Return a service for each unit, and for each program of no unit, that listens; the parent stands for its workers."""
    known = [one for one in listeners if one.pid > 1 and one.name not in NOT_SERVICES]
    pids = {one.pid: one for one in known}
    groups: dict[str, list[Listener]] = {}
    for one in known:
        groups.setdefault(one.unit or _eldest(one, pids), []).append(one)
    found: dict[str, Proposal] = {}
    for key, members in groups.items():
        first = next((one for one in members if one.parent not in pids), members[0])
        addresses = tuple(dict.fromkeys(address for one in members for address in one.addresses))
        spec = _spec(key, first)
        name, number = spec.name, 2
        while name in found:
            name, number = f"{spec.name}-{number}", number + 1
        found[name] = Proposal(
            spec=replace(spec, name=name),
            listener=replace(first, addresses=addresses),
            ports=tuple(sorted({port for _, port in addresses})),
        )
    return tuple(found[name] for name in sorted(found))


def _eldest(one: Listener, pids: Mapping[int, Listener]) -> str:
    """Name a process by its eldest ancestor that listens too."""
    seen = {one.pid}
    while one.parent in pids and one.parent not in seen:
        one = pids[one.parent]
        seen.add(one.pid)
    return f"pid {one.pid}"


def _spec(key: str, one: Listener) -> ServiceSpec:
    if one.unit:
        return ServiceSpec(name=_name(key.removesuffix(".service")), unit=one.unit)
    text = telling(one.command) or one.name
    return ServiceSpec(name=_name(splitext(basename(text))[0] or one.name), process=text)


def telling(command: str) -> str:
    """Return the word of a command line that tells it from others: of an interpreter, the program that it runs."""
    words = command.split()
    if not words or words[0].endswith(":"):  # it has written itself another title
        return ""
    if not INTERPRETERS.match(basename(words[0])):
        return words[0]
    rest = iter(words[1:])
    for word in rest:
        if word in ("-m", "-jar", "-c"):
            return next(rest, words[0]) if word != "-c" else words[0]
        if not word.startswith("-"):
            return word
    return words[0]


def _name(text: str) -> str:
    return UNNAMED.sub("-", text).strip("-._@")[:64] or "service"


# --- a health URL


def questions(found: Sequence[Proposal]) -> list[ServiceSpec]:
    """Return the URLs to ask, as services that have nothing else; `answered` knows them by their names."""
    return [
        ServiceSpec(name=f"{proposal.spec.name} {url}", http=HttpCheck(url=url, timeout_s=3.0))
        for proposal in found
        if proposal.listener.name not in NOT_HTTP
        for url in _urls(proposal)
    ]


def _urls(proposal: Proposal) -> list[str]:
    roots = []
    for address, port in proposal.listener.addresses:
        scheme = "https" if port in TLS_PORTS else "http"
        roots.append(f"{scheme}://{_loopback(address)}:{port}")
    return [f"{root}{path}" for root in dict.fromkeys(roots) for path in PATHS]


def _loopback(address: str) -> str:
    """Return where a server is asked on its own host."""
    if address in ("0.0.0.0", "::"):  # noqa: S104 — that is what it listens on
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address


def answered(found: Sequence[Proposal], answers: Mapping[str, HttpAnswer]) -> tuple[Proposal, ...]:
    """Return the proposals with the first URL that answered well; a root that only answers somehow comes last."""
    return tuple(_with_url(proposal, answers) for proposal in found)


def _with_url(proposal: Proposal, answers: Mapping[str, HttpAnswer]) -> Proposal:
    asked = [(url, answers.get(f"{proposal.spec.name} {url}")) for url in _urls(proposal)]
    replied = [(url, one) for url, one in asked if one is not None and one.status is not None]
    good = [(url, one) for url, one in replied if (one.status or 999) < GOOD_BELOW]
    best = good or [(url, one) for url, one in replied if (one.status or 999) < 500 and url.endswith("/")]
    if not best:
        return proposal
    url, answer = best[0]
    return replace(proposal, spec=replace(proposal.spec, http=HttpCheck(url=url)), answer=answer)
