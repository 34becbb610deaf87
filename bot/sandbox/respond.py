"""Answers that belong to an interaction: the body of a slash command's ack, and posts to its response_url.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from bot.sandbox import posting
from bot.sandbox.arguments import Arguments
from bot.sandbox.box import Box
from bot.sandbox.errors import Json
from bot.sandbox.tickets import Lease
from bot.sandbox.workspace import Ephemeral


def speak(box: Box, lease: Lease, body: Json, *, method: str) -> str | None:
    """Say it where the lease allows; gives the ts, None after a deletion. Raises SlackError."""
    args = Arguments(body)
    if args.flag("delete_original"):
        _delete_original(box, lease)
        box.changes.bump()
        return None
    said = posting.draft(args, box, method=method)
    original = _original(box, lease)
    if args.flag("replace_original") and original is not None:
        for key in ("blocks", "attachments"):
            original.pop(key, None)
        original.update(said.fields())
        box.changes.bump()
        return str(original["ts"])
    message = posting.by_bot(box, said, now=box.now())
    thread_ts = args.text("thread_ts")
    if args.text("response_type") == "in_channel":
        box.workspace.post(box.workspace.channel(lease.channel), message, thread_ts=thread_ts or None)
    else:
        message["is_ephemeral"] = True
        if thread_ts or lease.thread_ts:
            message["thread_ts"] = thread_ts or lease.thread_ts
        box.workspace.ephemerals.append(Ephemeral(user=lease.user, channel=lease.channel, message=message))
    lease.original = lease.original or message["ts"]
    box.changes.bump()
    return str(message["ts"])


def _original(box: Box, lease: Lease) -> Json | None:
    if lease.original is None:
        return None
    whisper = box.workspace.ephemeral(lease.original)
    return whisper.message if whisper else box.workspace.channel(lease.channel).find(lease.original)


def _delete_original(box: Box, lease: Lease) -> None:
    if lease.original is None:
        return
    whisper = box.workspace.ephemeral(lease.original)
    if whisper:
        box.workspace.ephemerals.remove(whisper)
        return
    channel = box.workspace.channel(lease.channel)
    if channel.find(lease.original):
        box.workspace.remove(channel, lease.original)
