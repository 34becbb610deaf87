"""A server that stands in front of others, such as Apache or nginx: whom all its processes wait for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.traffic import Traffic

PATIENT_MS = 2000


@dataclass(frozen=True, kw_only=True)
class Request:
    """One that a worker answers since `for_s` seconds; `path` without what was asked for behind a question mark."""

    method: str
    path: str
    for_s: int


@dataclass(frozen=True, kw_only=True)
class Door:
    """A socket with a path, and how many connections of the server lead there, accepted or not. `pid`: who listens, 0: not seen."""

    path: str
    count: int
    pid: int


@dataclass(frozen=True, kw_only=True)
class Front:
    """`program` over all its processes. `listens`: its ports; `by_path`: the sockets with a path that it is connected to.

    `busy`, `free` and `requests` are what Apache's own status page says, None and empty where nobody could ask it.
    """

    program: str
    listens: tuple[int, ...] = ()
    connections: tuple[Traffic, ...] = ()
    by_path: tuple[Door, ...] = ()
    busy: int | None = None
    free: int | None = None
    requests: tuple[Request, ...] = ()

    def _is_client(self, one: Traffic) -> bool:
        return int(one.local.rpartition(":")[2]) in self.listens

    @property
    def waiting_clients(self) -> tuple[Traffic, ...]:
        """Clients who have had no answer for a while."""
        return tuple(
            one
            for one in self.connections
            if self._is_client(one) and one.unanswered and one.since_received_ms >= PATIENT_MS
        )

    @property
    def made(self) -> tuple[Traffic, ...]:
        """Its connections to those behind it."""
        return tuple(one for one in self.connections if not self._is_client(one))

    @property
    def owed(self) -> tuple[Traffic, ...]:
        """Connections to those behind it on which an answer is due for a while."""
        return tuple(one for one in self.made if one.awaits and one.since_sent_ms >= PATIENT_MS)


def slowest(owed: Sequence[Traffic]) -> tuple[str, list[Traffic]]:
    """Return who owes most answers, and the connections on which it does; the longest wait first."""
    peer = Counter(one.peer for one in owed).most_common(1)[0][0]
    return peer, sorted((one for one in owed if one.peer == peer), key=lambda one: -one.since_sent_ms)
