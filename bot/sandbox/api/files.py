"""Uploads in three steps: https://docs.slack.dev/reference/methods/files.getUploadURLExternal."""

from typing import Any
from urllib.parse import quote

from bot.sandbox import posting, settings
from bot.sandbox.api.places import speakable
from bot.sandbox.box import Box, Call
from bot.sandbox.errors import Flaw, Json, SlackError
from bot.sandbox.workspace import StoredFile

MOST_BYTES = 20_000_000
SNIPPET_BYTES = 1_000_000
ALT_TEXT = 1000


def get_upload_url_external(call: Call) -> Json:
    """Announce a file: its name and exact length in bytes."""
    name = call.args.needed("filename")
    length = call.args.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", flaws=[Flaw(pointer="/length", problem="must be more than 0")])
    if length > MOST_BYTES:
        raise SlackError("file_upload_size_restricted")
    if call.args.text("snippet_type") and length > SNIPPET_BYTES:
        raise SlackError("snippet_too_large")
    alt_text = call.args.text("alt_txt")
    if len(alt_text) > ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    stored = call.box.workspace.add_file(name=name, length=length, now=call.now)
    stored.alt_text = alt_text
    return {"ok": True, "upload_url": f"{call.box.url}upload/{stored.id}", "file_id": stored.id}


def complete_upload_external(call: Call) -> Json:
    """Share uploaded files, in `channel_id` or `channels` and there in a thread where wanted."""
    wanted = call.args.json("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError(
            "invalid_arguments", flaws=[Flaw(pointer="/files", problem="no less than 1 items allowed")]
        )
    workspace = call.box.workspace
    stored = [_uploaded(call.box, entry) for entry in wanted]
    blocks = call.args.json("blocks", "invalid_blocks_format")
    if blocks is not None:
        posting.refuse_bad(blocks, at="/blocks", error="invalid_blocks")
    places = [call.args.text("channel_id")] if call.args.text("channel_id") else call.args.names("channels")
    channels = [speakable(workspace.channel(place)) for place in places]
    for entry, file in zip(wanted, stored, strict=True):
        file.title = str(entry.get("title") or file.name)
        file.shared = True
    for channel in channels:
        message: Json = {
            "type": "message", "user": settings.BOT_USER_ID, "bot_id": settings.BOT_ID, "app_id": settings.APP_ID,
            "ts": workspace.next_ts(now=call.now), "text": call.args.text("initial_comment"), "upload": True,
            "files": [shown(file, call.box.url) for file in stored], "bot_profile": posting.bot_profile(),
        }  # fmt: skip
        if blocks is not None:
            message["blocks"] = blocks
        workspace.post(channel, message, thread_ts=call.args.text("thread_ts") or None)
    call.box.changes.bump()
    return {"ok": True, "files": [shown(file, call.box.url) for file in stored]}


def info(call: Call) -> Json:
    """Describe one file."""
    stored = call.box.workspace.files.get(call.args.needed("file", "file_not_found"))
    if stored is None or not stored.shared:
        raise SlackError("file_not_found")
    return {"ok": True, "file": shown(stored, call.box.url)}


def receive(box: Box, file_id: str, content: bytes) -> StoredFile:
    """Take the bytes of an announced file. Raises SlackError."""
    stored = box.workspace.files.get(file_id)
    if stored is None:
        raise SlackError("file_not_found")
    if len(content) != stored.length:
        raise SlackError(
            "invalid_upload_length",
            flaws=[Flaw(pointer="/length", problem=f"{stored.length} bytes announced, {len(content)} came")],
        )
    stored.content = content
    return stored


def shown(stored: StoredFile, url: str) -> Json:
    """Give the file as Slack describes one."""
    address = f"{url}files/{stored.id}/{quote(stored.name, safe='')}"
    suffix = stored.name.rpartition(".")[2].lower() if "." in stored.name else "text"
    return {
        "id": stored.id, "created": int(stored.created), "timestamp": int(stored.created), "name": stored.name,
        "title": stored.title, "filetype": suffix, "size": stored.length, "user": settings.BOT_USER_ID, "mode": "hosted",
        "is_external": False, "is_public": True, "alt_txt": stored.alt_text, "url_private": address,
        "url_private_download": address, "permalink": address,
    }  # fmt: skip


def _uploaded(box: Box, entry: Any) -> StoredFile:
    file_id = entry.get("id") if isinstance(entry, dict) else None
    stored = box.workspace.files.get(str(file_id))
    if stored is None or stored.content is None:
        raise SlackError("file_not_found", listed=True)
    return stored
