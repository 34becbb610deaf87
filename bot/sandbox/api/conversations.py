"""Channels and their members: https://docs.slack.dev/reference/methods#conversations."""

import secrets

from bot.sandbox import settings
from bot.sandbox.api.places import channel_by_id, described, speakable
from bot.sandbox.box import Call
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.workspace import Channel

NAME_LENGTH = 80


def listing(call: Call) -> Json:
    """List the channels of the wanted `types`."""
    types = call.args.names("types") or ["public_channel"]
    channels = [channel for channel in call.box.workspace.channels.values() if _type(channel) in types]
    if call.args.flag("exclude_archived"):
        channels = [channel for channel in channels if not channel.archived]
    return sliced(call, "channels", [described(channel) for channel in channels])


def info(call: Call) -> Json:
    """Describe one channel."""
    return {"ok": True, "channel": described(channel_by_id(call))}


def members(call: Call) -> Json:
    """List the user ids of its members."""
    return sliced(call, "members", list(channel_by_id(call).members))


def open_direct(call: Call) -> Json:
    """Open the direct message with one user (`users`) or find it again by `channel`."""
    workspace = call.box.workspace
    if call.args.text("channel"):
        channel = channel_by_id(call)
    else:
        wanted = call.args.names("users")
        if not wanted:
            raise SlackError("users_list_not_supplied")
        if len(wanted) > 1:
            raise SlackError("not_enough_users" if not wanted else "method_not_supported_for_channel_type")
        if wanted[0] not in workspace.people or wanted[0] == settings.BOT_USER_ID:
            raise SlackError("user_not_found")
        channel = workspace.direct(wanted[0], now=call.now)
        call.box.changes.bump()
    full = call.args.flag("return_im")
    return {"ok": True, "channel": described(channel) if full else {"id": channel.id}}


def join(call: Call) -> Json:
    """Make the bot a member."""
    channel = channel_by_id(call)
    if channel.archived:
        raise SlackError("is_archived")
    if channel.is_im or channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    answer: Json = {"ok": True, "channel": described(channel)}
    if settings.BOT_USER_ID in channel.members:
        return {
            **answer,
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    channel.members.append(settings.BOT_USER_ID)
    call.box.changes.bump()
    return {"ok": True, "channel": described(channel)}


def create(call: Call) -> Json:
    """Make a channel, with the bot in it."""
    name = call.args.needed("name", "invalid_name_required")
    _refuse_bad_name(name)
    workspace = call.box.workspace
    if any(channel.name == name for channel in workspace.channels.values()):
        raise SlackError("name_taken")
    channel = Channel(
        id="C0" + secrets.token_hex(5).upper(), name=name, members=[settings.BOT_USER_ID], created=call.now,
        creator=settings.BOT_USER_ID, is_private=call.args.flag("is_private"),
    )  # fmt: skip
    workspace.channels[channel.id] = channel
    call.box.changes.bump()
    return {"ok": True, "channel": described(channel)}


def invite(call: Call) -> Json:
    """Bring users in."""
    channel = speakable(channel_by_id(call))
    wanted = call.args.names("users")
    if not wanted:
        raise SlackError("no_user")
    for user in wanted:
        if user not in call.box.workspace.people:
            raise SlackError("user_not_found")
        if user == settings.BOT_USER_ID:
            raise SlackError("cant_invite_self")
        if user in channel.members:
            raise SlackError("already_in_channel")
    channel.members.extend(wanted)
    call.box.changes.bump()
    return {"ok": True, "channel": described(channel)}


def set_topic(call: Call) -> Json:
    """Set the line under the channel's name, at most 250 characters."""
    channel = speakable(channel_by_id(call))
    topic = call.args.text("topic")
    if len(topic) > 250:
        raise SlackError("too_long")
    channel.topic = topic
    call.box.changes.bump()
    return {"ok": True, "channel": described(channel)}


def archive(call: Call) -> Json:
    """Close a channel for good."""
    channel = channel_by_id(call)
    if channel.archived:
        raise SlackError("already_archived")
    if channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    channel.archived = True
    call.box.changes.bump()
    return {"ok": True}


def sliced(call: Call, name: str, rows: list[Json] | list[str]) -> Json:
    """Give one page of a list; the cursor is a place in it."""
    start = call.args.text("cursor")
    if start and not start.isdigit():
        raise SlackError("invalid_cursor")
    begin = int(start or 0)
    limit = call.args.number("limit", 100) or 100
    if not 0 < limit <= 1000:
        raise SlackError("invalid_limit")
    following = str(begin + limit) if begin + limit < len(rows) else ""
    return {"ok": True, name: rows[begin : begin + limit], "response_metadata": {"next_cursor": following}}


def _type(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _refuse_bad_name(name: str) -> None:
    if len(name) > NAME_LENGTH:
        raise SlackError("invalid_name_maxlength")
    if not any(letter.isalnum() for letter in name):
        raise SlackError("invalid_name_punctuation")
    if name != name.lower() or any(not (letter.isalnum() or letter in "-_") for letter in name):
        raise SlackError("invalid_name_specials")
