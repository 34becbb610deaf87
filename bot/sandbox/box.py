"""Everything that one running sandbox has, handed to each part of it."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.arguments import Arguments
from bot.sandbox.changes import Changes
from bot.sandbox.faults import Faults
from bot.sandbox.link import Hub
from bot.sandbox.modals import Modals
from bot.sandbox.rates import RateLimiter
from bot.sandbox.request_url import RequestUrl
from bot.sandbox.tickets import Responses, Triggers
from bot.sandbox.violations import Violations
from bot.sandbox.workspace import Workspace


@dataclass(kw_only=True)
class Box:
    """`url` is where it listens, with a slash at the end; `now` gives seconds since 1970; `run` is new at each start."""

    url: str
    workspace: Workspace
    now: Callable[[], float] = time.time
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    changes: Changes = field(default_factory=Changes)
    hub: Hub = field(init=False)
    http: RequestUrl | None = None
    faults: Faults = field(default_factory=Faults)
    modals: Modals = field(default_factory=Modals)
    rates: RateLimiter = field(default_factory=RateLimiter)
    triggers: Triggers = field(default_factory=Triggers)
    responses: Responses = field(default_factory=Responses)
    violations: Violations = field(default_factory=Violations)

    @property
    def app(self) -> Hub | RequestUrl:
        """Give the way to the app: its request URL where it has one, else its sockets."""
        return self.http or self.hub

    def __post_init__(self) -> None:
        """Let the hub tell of sockets that come and go."""
        self.hub = Hub(self.changes)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a Web API method."""

    box: Box
    method: str
    args: Arguments
    now: float
