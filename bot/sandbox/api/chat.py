"""Saying, changing and deleting: https://docs.slack.dev/reference/methods#chat."""

import re

from bot.sandbox import limits, posting, settings
from bot.sandbox.api.places import channel_by_id, channel_to_post, message_by_ts, speakable
from bot.sandbox.box import Call
from bot.sandbox.errors import Flaw, Json, SlackError
from bot.sandbox.workspace import Ephemeral

TS = re.compile(r"\d{10}\.\d{6}")


def post_message(call: Call) -> Json:
    """Post a message, into a thread where `thread_ts` is given."""
    said = posting.draft(call.args, call.box, method=call.method)
    channel = channel_to_post(call)
    thread_ts = _thread_ts(call)
    message = posting.by_bot(call.box, said, now=call.now)
    call.box.workspace.post(
        channel, message, thread_ts=thread_ts, broadcast=call.args.flag("reply_broadcast")
    )
    call.box.changes.bump()
    return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}


def post_ephemeral(call: Call) -> Json:
    """Show a message to one member of the channel."""
    said = posting.draft(call.args, call.box, method=call.method)
    channel = channel_to_post(call)
    user = call.args.needed("user", "user_not_in_channel")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = {**posting.by_bot(call.box, said, now=call.now), "is_ephemeral": True}
    message.pop("metadata", None)
    if thread_ts := _thread_ts(call):
        message["thread_ts"] = thread_ts
    call.box.workspace.ephemerals.append(Ephemeral(user=user, channel=channel.id, message=message))
    call.box.changes.bump()
    return {"ok": True, "message_ts": message["ts"]}


def update(call: Call) -> Json:
    """Change a message of the bot; blocks, attachments and metadata that are left out stay."""
    channel = channel_by_id(call)
    ts = call.args.needed("ts", "message_not_found")
    text = call.args.text("text")
    if len(text) > limits.UPDATE_TEXT:
        raise SlackError(
            "msg_too_long", flaws=[Flaw(pointer="/text", problem="must be less than 4001 characters")]
        )
    said = posting.draft(call.args, call.box, method=call.method)
    if call.box.workspace.ephemeral(ts):
        # An ephemeral is not stored; only its response_url reaches it.
        raise SlackError("message_not_found", listed=True)
    message = message_by_ts(channel, ts)
    if message.get("bot_id") != settings.BOT_ID:
        raise SlackError("cant_update_message")
    speakable(channel)
    message.update(said.fields())
    if said.metadata == {}:
        message.pop("metadata", None)
    message["edited"] = {"user": settings.BOT_USER_ID, "ts": f"{int(call.now)}.000000"}
    call.box.changes.bump()
    return {"ok": True, "channel": channel.id, "ts": ts, "text": message["text"], "message": message}


def delete(call: Call) -> Json:
    """Delete a message of the bot."""
    channel = channel_by_id(call)
    message = message_by_ts(channel, call.args.needed("ts", "message_not_found"))
    if message.get("bot_id") != settings.BOT_ID:
        raise SlackError("cant_delete_message")
    call.box.workspace.remove(channel, message["ts"])
    call.box.changes.bump()
    return {"ok": True, "channel": channel.id, "ts": message["ts"]}


def get_permalink(call: Call) -> Json:
    """Give the address of a message; it opens the page."""
    channel = channel_by_id(call)
    message = message_by_ts(channel, call.args.needed("message_ts", "message_not_found"))
    anchor = "p" + str(message["ts"]).replace(".", "")
    return {"ok": True, "channel": channel.id, "permalink": f"{call.box.url}archives/{channel.id}/{anchor}"}


def _thread_ts(call: Call) -> str | None:
    thread_ts = call.args.text("thread_ts")
    if thread_ts and not TS.fullmatch(thread_ts):
        raise SlackError(
            "invalid_thread_ts", flaws=[Flaw(pointer="/thread_ts", problem="must be a message's ts")]
        )
    return thread_ts or None
