"""Trigger ids and response URLs: what a payload lends to the app for a short time. Time is an argument, in seconds.

Rules: https://docs.slack.dev/reference/methods/views.open (3 s, one exchange) and
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses (5 uses within 30 minutes).
"""

import secrets
from dataclasses import dataclass, field

from bot.sandbox.errors import SlackError

TRIGGER_SECONDS = 3.0
RESPONSE_USES = 5
RESPONSE_SECONDS = 1800.0
KEPT = 2000


@dataclass(kw_only=True)
class Trigger:
    """`view` is the id of the modal it was pressed in, None for a message or command."""

    user: str
    at: float
    view: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class Triggers:
    """The trigger ids that were handed out lately."""

    _known: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, user: str, *, now: float, view: str | None = None) -> str:
        """Hand out a new id."""
        trigger_id = f"{int(now * 1000)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._known[trigger_id] = Trigger(user=user, at=now, view=view)
        _forget_oldest(self._known)
        return trigger_id

    def exchange(self, trigger_id: str, *, now: float) -> Trigger:
        """Take it, once, within its time. Raises SlackError with Slack's word for what is wrong."""
        trigger = self._known.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if now - trigger.at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass(kw_only=True)
class Lease:
    """Where a response URL answers to: `original` is the ts of the message it belongs to, if any."""

    user: str
    channel: str
    at: float
    original: str | None = None
    thread_ts: str | None = None
    uses: int = 0


@dataclass(kw_only=True)
class Responses:
    """The response URLs that were handed out lately, by the last part of their path."""

    _known: dict[str, Lease] = field(default_factory=dict)

    def issue(self, lease: Lease) -> str:
        """Hand out a new key."""
        key = secrets.token_urlsafe(18)
        self._known[key] = lease
        _forget_oldest(self._known)
        return key

    def use(self, key: str, *, now: float) -> Lease:
        """Count one use. Raises SlackError `used_url` after five, `expired_url` after half an hour or when unknown."""
        lease = self._known.get(key)
        if lease is None or now - lease.at > RESPONSE_SECONDS:
            raise SlackError("expired_url")
        if lease.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        lease.uses += 1
        return lease


def _forget_oldest(known: dict[str, Trigger] | dict[str, Lease]) -> None:
    while len(known) > KEPT:
        known.pop(next(iter(known)))
