"""What a server says of its own clients: who of them waits for whom, and since when."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Session:
    """A client's session in a server. `query` carries no literals; `for_s` is how long it has been in its state."""

    id: str
    state: str
    """As the server calls it: `active`, `idle in transaction`, `Sleep`, `blpop` …"""
    for_s: float | None = None
    query: str = ""
    user: str = ""
    client: str = ""
    """The client's address; empty for a unix socket."""
    client_port: int | None = None
    blockers: tuple[str, ...] = ()
    """Sessions that hold what it waits for."""
    blocked: bool = False
    """Whether the server itself says that it waits: for a lock, or for something to come."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A process that has a socket open."""

    pid: int
    command: str
    """Its command line, secrets redacted."""


@dataclass(frozen=True, kw_only=True)
class ServerLook:
    """One look at who is on the other end of a connection; `end` holds that very connection, accepted."""

    listeners: tuple[Owner, ...] = ()
    ends: tuple[Owner, ...] = ()
    kind: str = ""
    """`PostgreSQL`, `MySQL`, `Redis`, or empty."""
    sessions: tuple[Session, ...] = ()
    refused: str = ""
    """What the server said to our asking it, where it did not answer."""
    silent: bool = False
    """Whether the server gave no answer in time."""

    def session(self, identity: str) -> Session | None:
        return next((one for one in self.sessions if one.id == identity), None)

    def root(self, ours: Session) -> Session | None:
        """Return the session at the end of the chain of those that block ours; in a circle, the last before it closes."""
        seen, now, last = {ours.id}, ours, None
        while following := next((one for name in now.blockers if (one := self.session(name))), None):
            if following.id in seen:
                break
            seen.add(following.id)
            now = last = following
        return last
