"""Trouble on demand: which call of the Web API meets which fault. Time is an argument, in seconds."""

import math
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import Json

POSTING = "chat.postMessage"


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """What a fault does, and how it is meant when its arguments are left out.

    `method` None: every method; `count` None: until healed; `seconds` is explained by `help`.
    """

    help: str
    method: str | None = None
    count: int | None = None
    seconds: float = 0.0
    on_link: bool = False


KINDS: dict[str, FaultKind] = {
    "store_then_drop": FaultKind(help="does the call, then resets the connection", method=POSTING, count=1),
    "drop": FaultKind(help="resets the connection, does nothing"),
    "rate_limit": FaultKind(
        help="429 for `seconds` (of which Retry-After tells the rest), or `count` times", seconds=5
    ),
    "error_500": FaultKind(help="500, does nothing"),
    "html": FaultKind(help="a page of HTML with status 200, does nothing"),
    "truncate": FaultKind(help="does the call, sends half of the JSON", method=POSTING, count=1),
    "empty": FaultKind(help="`{}` with status 200, does nothing"),
    "slow": FaultKind(help="waits `seconds`, then does the call", seconds=5),
    "invalid_auth": FaultKind(help="the token is revoked"),
    "channel_not_found": FaultKind(help="the channel is gone, for every method that names one"),
    "disconnect": FaultKind(
        help="a `disconnect` frame with `reason`, closes after `seconds`", count=1, seconds=3, on_link=True
    ),
    "close": FaultKind(help="resets every Socket Mode connection", count=1, on_link=True),
    "half_open": FaultKind(
        help="the open Socket Mode connections fall silent, TCP stays", count=1, on_link=True
    ),
    "duplicate_envelope": FaultKind(help="the next `count` envelopes come twice", count=1, on_link=True),
}
ARGUMENTS = frozenset({"kind", "method", "count", "seconds", "reason", "channel"})


@dataclass(kw_only=True)
class Fault:
    """One that waits for its calls; `left` None: until healed, `until` the end of a rate limit."""

    kind: str
    method: str | None
    left: int | None
    seconds: float
    until: float | None = None
    channel: str | None = None

    def shown(self) -> Json:
        """Give it as the state shows it."""
        return {"kind": self.kind, "method": self.method, "left": self.left, "seconds": self.seconds}


class FaultError(Exception):
    """The wish for a fault cannot be understood."""


@dataclass(kw_only=True)
class Faults:
    """The faults of the Web API that are in force."""

    _pending: list[Fault] = field(default_factory=list)

    def add(self, wish: dict[str, Any], *, now: float) -> Fault:
        """Put one in force. Raises FaultError."""
        kind = KINDS[wish_kind(wish)]
        limited = wish["kind"] == "rate_limit" and wish.get("count") is None
        seconds, count = checked(wish)
        fault = Fault(
            kind=wish["kind"],
            method=wish.get("method", kind.method),
            left=count,
            seconds=seconds,
            until=now + seconds if limited else None,
            channel=wish.get("channel"),
        )
        self._pending.append(fault)
        return fault

    def meet(self, method: str, *, channel: str, now: float) -> Fault | None:
        """Give the fault that this call meets, and use it up by one."""
        self._pending = [fault for fault in self._pending if fault.until is None or now < fault.until]
        for fault in self._pending:
            if _concerns(fault, method, channel):
                if fault.left is not None:
                    fault.left -= 1
                self._pending = [other for other in self._pending if other.left is None or other.left > 0]
                return fault
        return None

    def heal(self) -> None:
        """End all."""
        self._pending.clear()

    def shown(self) -> list[Json]:
        """Give what is in force."""
        return [fault.shown() for fault in self._pending]


def wish_kind(wish: dict[str, Any]) -> str:
    """Check the names in a wish and give its kind. Raises FaultError."""
    kind = wish.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise FaultError(f"unknown kind {kind!r}; known are {', '.join(sorted(KINDS))}")
    if unknown := sorted(set(wish) - ARGUMENTS):
        raise FaultError(f"unknown argument {unknown[0]!r}; known are {', '.join(sorted(ARGUMENTS))}")
    return kind


def checked(wish: dict[str, Any]) -> tuple[float, int | None]:
    """Give the wish's seconds and count, by default its kind's. Raises FaultError."""
    kind = KINDS[wish_kind(wish)]
    count = wish.get("count", kind.count)
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise FaultError("`count` must be a whole number above 0, or null for: until healed")
    for name in ("method", "reason", "channel"):
        if wish.get(name) is not None and not isinstance(wish[name], str):
            raise FaultError(f"`{name}` must be a string")
    return _number(wish, "seconds", kind.seconds), count


def _number(wish: dict[str, Any], name: str, default: float) -> float:
    value = wish.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise FaultError(f"`{name}` must be a number of seconds")
    return float(value)


def _concerns(fault: Fault, method: str, channel: str) -> bool:
    if fault.method is not None and fault.method != method:
        return False
    if fault.kind == "channel_not_found":
        return bool(channel) and fault.channel in (None, channel)
    return fault.channel in (None, channel)
