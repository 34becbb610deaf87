"""Slack's payloads → Invocation. Pure: no client, no clock."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.domain.invocations import Actor, Invocation, Via
from handlers.arguments import parse

Payload = Mapping[str, Any]


def delivery(body: Payload) -> str:
    """Return what a delivery is known by: however often it comes, and on whichever way, this stays the same.

    Slack's own id; where a payload has none, what it says.
    """
    if event := body.get("event_id"):
        return f"evt.{event}"
    own = body.get("trigger_id") or sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    return f"cmd.{own}" if "command" in body else f"act.{own}"


def from_command(body: Payload, actor: Actor, *, now: datetime) -> Invocation:
    """Return what a slash command asks."""
    text = str(body.get("text") or "")
    verb, args = parse(text)
    return Invocation(
        id=delivery(body),
        actor=actor,
        verb=verb,
        args=args,
        text=f"/hang {text}".strip(),
        channel=str(body.get("channel_id", "")),
        via=Via.SLASH,
        at=now,
    )


def from_action(body: Payload, actor: Actor, *, now: datetime) -> Invocation:
    """Return what a button or menu asks; its value is the one argument."""
    action = (body.get("actions") or [{}])[0]
    chosen = action.get("selected_option") or {}
    value = str(chosen.get("value") or action.get("value") or "")
    verb = str(action.get("action_id", ""))
    message = body.get("message") or {}
    return Invocation(
        id=delivery(body),
        actor=actor,
        verb=verb,
        args=(value,) if value else (),
        text=f"{verb} (button)",
        channel=str((body.get("channel") or {}).get("id", "")),
        thread_ts=message.get("thread_ts"),
        via=Via.BUTTON,
        at=now,
    )


def from_mention(body: Payload, actor: Actor, *, now: datetime) -> Invocation:
    """Return what was said to the bot in a channel, a thread, or a direct message."""
    event = body["event"]
    text = re.sub(r"<@[UW][A-Z0-9]+(\|[^>]*)?>", "", str(event.get("text") or ""), count=1).strip()
    verb, args = parse(text)
    return Invocation(
        id=delivery(body),
        actor=actor,
        verb=verb,
        args=args,
        text=f"@hangbot {text}",
        channel=str(event.get("channel", "")),
        thread_ts=event.get("thread_ts"),
        via=Via.MENTION,
        at=now,
    )
