"""Hosts: what is asked of them, and how they answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.checks import Reply, Talk
from bot.domain.checkups import Way
from bot.domain.observations import HttpAnswer, Metrics, ProbeOutcome
from bot.domain.targets import Fleet, HostSpec, ServiceSpec


@dataclass(frozen=True, kw_only=True)
class Script:
    """A versioned verb: sent as text to an open account, known by name on a restricted one.

    `text` is POSIX sh; arguments arrive as `$1 …`, never inside the text. `once`: it changes something, and must not be
    sent again where it is not known whether it ran.
    """

    name: str
    version: int
    text: str
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One deadline for the whole operation, and one cap on what both streams together may bring."""

    seconds: float
    bytes: int = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What a script answered. `exit` None: ended by a signal or unknown; never to be read as success."""

    exit: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool = False
    duration_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One round's raw answer of a host.

    `sections` are what the script printed, by name; `answers` what the health URLs of services said;
    `metrics` are readings that were numbers from the start (`transport: local`).
    """

    host: str
    at: datetime
    outcome: ProbeOutcome
    reason: str = ""
    duration_ms: float = 0.0
    sections: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, HttpAnswer] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
    whole: bool = True
    """False: only what is read without starting anything on the host, and of the processes that were named."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a round wants of a host. Not `whole`: a small sample is enough, with the processes `pids`, where the way to
    that host has one.
    """

    services: Sequence[ServiceSpec]
    whole: bool = True
    pids: tuple[int, ...] = ()


class Host(Protocol):
    """One host, reached over a connection that is kept."""

    @property
    def spec(self) -> HostSpec: ...

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        """Take one sample within the host's deadlines. Never raises: what went wrong is its outcome."""
        ...

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        """Run a script on a channel of its own. Raises HostFailure where the host could not be asked in time."""
        ...

    def talk(self, talk: Talk) -> Reply:
        """Connect to an address as seen from the host, say something, and hear the answer. Never raises: see Reply."""
        ...


class Hosts(Protocol):
    def get(self, name: str) -> Host:
        """Return the host of that name in the fleet (KeyError if there is none); connects when first used."""
        ...

    def here(self) -> Host:
        """Return the bot's own machine, to ask from; it need not be watched."""
        ...

    def begin(self, name: str, ask: Ask, done: Callable[[Sample], None]) -> None:
        """Take a sample of a host of the fleet without waiting for it; `done` is called with it once, from some other
        thread, within the host's deadlines, and must be quick.
        """
        ...

    def connections(self) -> int:
        """Return how many SSH connections are open."""
        ...

    def way(self, name: str) -> Way:
        """Return how the rounds of a host are asked, once it was sampled."""
        ...

    def change(self, fleet: Fleet) -> None:
        """Have these hosts from now on; those that are gone, or reached otherwise, are let go."""
        ...

    def close(self) -> None: ...
