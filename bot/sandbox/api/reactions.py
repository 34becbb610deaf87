"""Reactions and pins of the bot: https://docs.slack.dev/reference/methods#reactions."""

import re

from bot.sandbox import settings
from bot.sandbox.api.places import channel_by_id, message_by_ts, speakable
from bot.sandbox.box import Call
from bot.sandbox.errors import Json, SlackError

EMOJI = re.compile(r"[a-z0-9_'+-]+(::skin-tone-[2-6])?")
MOST_PINS = 100
MOST_EMOJI = 23


def add(call: Call) -> Json:
    """Add one reaction."""
    message = _message(call)
    name = _emoji(call)
    reactions = message.setdefault("reactions", [])
    mine = [reaction for reaction in reactions if settings.BOT_USER_ID in reaction["users"]]
    if any(reaction["name"] == name for reaction in mine):
        raise SlackError("already_reacted")
    if len(mine) >= MOST_EMOJI:
        raise SlackError("too_many_reactions")
    if len(reactions) >= MOST_EMOJI:
        raise SlackError("too_many_emoji")
    same = next((reaction for reaction in reactions if reaction["name"] == name), None)
    if same is None:
        reactions.append({"name": name, "users": [settings.BOT_USER_ID], "count": 1})
    else:
        same["users"].append(settings.BOT_USER_ID)
        same["count"] += 1
    call.box.changes.bump()
    return {"ok": True}


def remove(call: Call) -> Json:
    """Take one reaction back."""
    message = _message(call)
    name = _emoji(call)
    for reaction in message.get("reactions", []):
        if reaction["name"] == name and settings.BOT_USER_ID in reaction["users"]:
            reaction["users"].remove(settings.BOT_USER_ID)
            reaction["count"] -= 1
            message["reactions"] = [kept for kept in message["reactions"] if kept["count"]]
            call.box.changes.bump()
            return {"ok": True}
    raise SlackError("no_reaction")


def get(call: Call) -> Json:
    """Give a message with its reactions."""
    channel = channel_by_id(call)
    return {"ok": True, "type": "message", "channel": channel.id, "message": _message(call)}


def pin(call: Call) -> Json:
    """Pin a message to its channel."""
    channel = speakable(channel_by_id(call))
    message = _message(call)
    if channel.id in message.get("pinned_to", []):
        raise SlackError("already_pinned")
    if sum("pinned_to" in other for other in channel.messages.values()) >= MOST_PINS:
        raise SlackError("too_many_pins")
    message["pinned_to"] = [channel.id]
    call.box.changes.bump()
    return {"ok": True}


def _message(call: Call) -> Json:
    return message_by_ts(channel_by_id(call), call.args.needed("timestamp", "no_item_specified"))


def _emoji(call: Call) -> str:
    name = call.args.needed("name", "invalid_name")
    if not EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return name
