"""How often a method may be called: Slack's tiers, as token buckets. Time is an argument, in seconds.

Figures: https://docs.slack.dev/apis/web-api/rate-limits and the page of each method. Slack says neither how large a
burst may be nor how it counts; a minute's worth is given here, and a few messages at once per channel.
"""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Tier:
    """So many calls a minute in the long run, `burst` at once after a rest."""

    per_minute: float
    burst: int


TIER_1 = Tier(per_minute=1, burst=20)
TIER_2 = Tier(per_minute=20, burst=20)
TIER_3 = Tier(per_minute=50, burst=50)
TIER_4 = Tier(per_minute=100, burst=100)
SPECIAL = Tier(per_minute=600, burst=600)
PER_CHANNEL = Tier(per_minute=60, burst=5)
ALL_MESSAGES = Tier(per_minute=300, burst=100)

METHOD_TIERS = {
    "api.test": SPECIAL,
    "auth.test": SPECIAL,
    "apps.connections.open": TIER_1,
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": SPECIAL,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": ALL_MESSAGES,
    "chat.update": TIER_3,
    "conversations.archive": TIER_2,
    "conversations.create": TIER_2,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.invite": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "conversations.setTopic": TIER_2,
    "dnd.info": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "pins.add": TIER_2,
    "reactions.add": TIER_3,
    "reactions.get": TIER_3,
    "reactions.remove": TIER_2,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}

IN_FLIGHT = 0.5
"""Seconds after a 429 in which another call may have been on its way already."""
ROUNDING = 0.05
"""Seconds by which a caller may come early: two clocks never agree."""

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`retry_after` whole seconds when refused; `ignored` when the caller had been told to wait."""

    retry_after: int | None = None
    ignored: bool = False


@dataclass(frozen=True, kw_only=True)
class _Closed:
    since: float
    until: float


@dataclass(kw_only=True)
class RateLimiter:
    """Remembers calls per method, and for messages per channel."""

    _tokens: dict[Key, tuple[float, float]] = field(default_factory=dict)
    _closed: dict[Key, _Closed] = field(default_factory=dict)

    def admit(self, method: str, channel: str, *, now: float) -> Verdict:
        """Count one call; refuse it when over the limit, or while an earlier refusal lasts."""
        keys = _keys(method, channel)
        for key in keys:
            closed = self._closed.get(key)
            if closed and now < closed.until - ROUNDING:
                ignored = now - closed.since > IN_FLIGHT
                return Verdict(retry_after=max(1, math.ceil(closed.until - now)), ignored=ignored)
        waits = {key: self._wait(key, now=now) for key in keys}
        slowest = max(waits, key=lambda key: waits[key])
        if waits[slowest] > 0:
            return Verdict(retry_after=self.close(slowest, seconds=waits[slowest], now=now))
        for key in keys:
            tokens, at = self._tokens[key]
            self._tokens[key] = (tokens - 1, at)
        return Verdict()

    def refuse(self, method: str, channel: str, *, seconds: float, now: float) -> int:
        """Close a method by hand (a test's wish) and give the whole seconds of Retry-After."""
        return self.close(_keys(method, channel)[-1], seconds=seconds, now=now)

    def reopen(self) -> None:
        """Forget every refusal."""
        self._closed.clear()

    def close(self, key: Key, *, seconds: float, now: float) -> int:
        """Refuse this key for `seconds`, rounded up; gives the rounded figure."""
        whole = max(1, math.ceil(seconds))
        self._closed[key] = _Closed(since=now, until=now + whole)
        return whole

    def _wait(self, key: Key, *, now: float) -> float:
        tier = PER_CHANNEL if key[1] else METHOD_TIERS.get(key[0], TIER_3)
        tokens, at = self._tokens.get(key, (float(tier.burst), now))
        tokens = min(float(tier.burst), tokens + max(0.0, now - at) * tier.per_minute / 60)
        self._tokens[key] = (tokens, now)
        return 0.0 if tokens >= 1 else (1 - tokens) * 60 / tier.per_minute


def _keys(method: str, channel: str) -> list[Key]:
    per_channel = [(method, channel)] if method == "chat.postMessage" and channel else []
    return [(method, ""), *per_channel]
