"""What many hosts in trouble have in common, and others have not: a zone, a jump host, a label, a network."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from bot.domain.targets import HostSpec

LEAST = 3
KINDS = ("jump", "zone", "label", "network")
"""The narrower ones first: of equals, that is told."""


@dataclass(frozen=True, kw_only=True)
class CommonCause:
    """`of` the `having` hosts of the fleet that have it, `affected` are in trouble: no host that is in trouble lacks it."""

    kind: str
    name: str
    affected: int
    having: int


def common_cause(affected: Collection[str], hosts: Mapping[str, HostSpec]) -> CommonCause | None:
    """Return what all affected hosts share and fewest others do; None where they share nothing that tells them apart.

    A fleet that is all of one zone, say, is not told apart by it.
    """
    known = [hosts[name] for name in affected if name in hosts]
    if len(known) < LEAST or len(known) != len(set(affected)):
        return None
    traits = [frozenset(_traits(one)) for one in known]
    shared = frozenset.intersection(*traits)
    everywhere = Counter(trait for host in hosts.values() for trait in set(_traits(host)))
    telling = [trait for trait in shared if everywhere[trait] < len(hosts)]
    if not telling:
        return None
    best = min(telling, key=lambda trait: (everywhere[trait], KINDS.index(trait[0]), trait[1]))
    return CommonCause(kind=best[0], name=best[1], affected=len(known), having=everywhere[best])


def _traits(host: HostSpec) -> Iterator[tuple[str, str]]:
    for jump in host.jumps:
        yield "jump", jump.name
    if host.zone:
        yield "zone", host.zone
    for key, value in host.labels.items():
        yield "label", f"{key}={value}"
    network = _network(host.address)
    if network:
        yield "network", network


def _network(address: str) -> str:
    try:
        return f"{IPv4Address(address)}".rpartition(".")[0] + ".0/24"
    except ValueError:
        return ""
