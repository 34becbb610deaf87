"""Servers that have stopped accepting, out of two samples and without any health URL.

A connection that waits to be accepted stands in /proc/net/tcp as established with no inode of its own (net/ipv4/tcp_ipv4.c:
get_tcp4_sock). Connections are accepted in the order they came: one that waits in two samples is proof that nobody has
accepted any in between. A long queue alone is not, that may be load.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

Sections = Mapping[str, str]
Waiting = Mapping[int, AbstractSet[str]]
LISTENS, WAITS, LOCAL, PEER, STATE, INODE, FIELDS = "0A", ("01", "08"), 1, 2, 3, 9, 10
NAME = "accept_stuck_seconds"


def waiting(sections: Sections) -> Waiting:
    """Return who waits to be accepted, by the port: peers as the kernel writes them."""
    listening: set[int] = set()
    found: dict[int, set[str]] = {}
    for line in sections.get("listening", "").splitlines():
        words = line.split()
        if len(words) < FIELDS:
            continue
        if words[STATE] == LISTENS:
            listening.add(port(words[LOCAL]))
        elif words[STATE] in WAITS and words[INODE] == "0":
            found.setdefault(port(words[LOCAL]), set()).add(words[PEER])
    return {number: peers for number, peers in found.items() if number in listening}


def stuck(
    now: Sections, before: Sections | None, earlier: Mapping[str, float], *, seconds: float
) -> dict[str, float] | None:
    """Return for each port with somebody waiting how long, as far as was seen, nobody has been accepted there.

    `before` is the sample `seconds` ago, with what was said of it in `earlier`. None: the sockets could not be read.
    """
    if "listening" not in now:
        return None
    was = waiting(before) if before is not None else {}
    return {
        str(number): round(earlier.get(str(number), 0.0) + seconds, 1)
        if peers & was.get(number, set())
        else 0.0
        for number, peers in sorted(waiting(now).items())
    }


def port(address: str) -> int:
    """Return the port of `0100007F:1F40`."""
    return int(address.rpartition(":")[2], 16)
