"""From the arguments of a post to a message: what Slack checks, cuts and adds."""

import json
from dataclasses import dataclass
from typing import Any

from bot.sandbox import blocks as rules
from bot.sandbox import limits, settings
from bot.sandbox.arguments import Arguments
from bot.sandbox.box import Box
from bot.sandbox.errors import Flaw, Json, SlackError
from bot.sandbox.modals import with_ids


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be said; None: the argument was left out."""

    text: str
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None

    def fields(self) -> Json:
        """Give the parts of the message that were said."""
        found: Json = {"text": self.text}
        if self.blocks is not None:
            found["blocks"] = self.blocks
        if self.attachments is not None:
            found["attachments"] = self.attachments
        if self.metadata:
            found["metadata"] = self.metadata
        return found


def draft(args: Arguments, box: Box, *, method: str) -> Draft:
    """Check the arguments of a message. Raises SlackError."""
    text = args.text("text")
    blocks = _blocks(args)
    attachments = _attachments(args)
    markdown = args.text("markdown_text")
    if markdown:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > limits.MARKDOWN_TOTAL:
            raise SlackError(
                "msg_too_long",
                flaws=[Flaw(pointer="/markdown_text", problem="must be less than 12001 characters")],
            )
        blocks = [{"type": "markdown", "text": markdown}]
        text = markdown
    if not text and not blocks and not attachments:
        raise SlackError("no_text", flaws=[Flaw(pointer="/text", problem="missing required field: text")])
    if len(text) > limits.TEXT_CUT:
        box.violations.add(
            now=box.now(),
            method=method,
            error="message_truncated",
            pointer="/text",
            detail=f"{len(text)} characters were cut",
        )
        text = text[: limits.TEXT_CUT]
    return Draft(
        text=text,
        blocks=with_ids(blocks) if blocks is not None else None,
        attachments=attachments,
        metadata=metadata(args),
    )


def _blocks(args: Arguments) -> list[Json] | None:
    blocks = args.json("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format", flaws=[Flaw(pointer="/blocks", problem="must be an array")])
    refuse_bad(blocks, at="/blocks", error="invalid_blocks")
    return blocks


def refuse_bad(blocks: Any, *, at: str, error: str) -> None:
    """Raise SlackError when Slack would refuse these blocks in a message."""
    flaws = rules.check_message(blocks, at=at)
    if flaws:
        raise SlackError(error, flaws=flaws)
    if rules.tables(blocks) > 1:
        raise SlackError("invalid_attachments", flaws=[Flaw(pointer=at, problem="only_one_table_allowed")])
    if rules.markdown_length(blocks) > limits.MARKDOWN_TOTAL:
        raise SlackError(
            "msg_blocks_too_long",
            flaws=[Flaw(pointer=at, problem="markdown must be less than 12001 characters")],
        )


def _attachments(args: Arguments) -> list[Json] | None:
    attachments = args.json("attachments", "invalid_attachments")
    if attachments is None:
        return None
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise SlackError(
            "invalid_attachments", flaws=[Flaw(pointer="/attachments", problem="must be an array of objects")]
        )
    if len(attachments) > limits.ATTACHMENTS:
        raise SlackError(
            "too_many_attachments",
            flaws=[Flaw(pointer="/attachments", problem="no more than 100 items allowed")],
        )
    for index, attachment in enumerate(attachments):
        if "blocks" in attachment:
            refuse_bad(attachment["blocks"], at=f"/attachments/{index}/blocks", error="invalid_attachments")
            attachment["blocks"] = with_ids(attachment["blocks"])
    return attachments


def metadata(args: Arguments) -> Json | None:
    """Give the checked metadata, None when left out. Raises SlackError.

    https://docs.slack.dev/messaging/message-metadata
    """
    found = args.json("metadata", "metadata_must_be_sent_as_json")
    if not found:
        return None if found is None else {}
    if not isinstance(found, dict) or set(found) - {"event_type", "event_payload", "entities"}:
        raise SlackError(
            "invalid_metadata_format", flaws=[Flaw(pointer="/metadata", problem="must be an object")]
        )
    if not isinstance(found.get("event_type"), str) or not found["event_type"]:
        raise SlackError(
            "invalid_metadata_format",
            flaws=[Flaw(pointer="/metadata/event_type", problem="must be a string")],
        )
    if not isinstance(found.get("event_payload"), dict):
        raise SlackError(
            "invalid_metadata_format",
            flaws=[Flaw(pointer="/metadata/event_payload", problem="must be an object")],
        )
    if (empty := _null_place(found["event_payload"], "/metadata/event_payload")) is not None:
        raise SlackError("invalid_metadata_schema", flaws=[Flaw(pointer=empty, problem="must not be null")])
    if len(json.dumps(found)) > limits.METADATA_BYTES:
        raise SlackError("metadata_too_large", flaws=[Flaw(pointer="/metadata", problem="too large")])
    return dict(found)


def _null_place(value: object, at: str) -> str | None:
    if value is None:
        return at
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        if (place := _null_place(item, f"{at}/{key}")) is not None:
            return place
    return None


def by_bot(box: Box, said: Draft, *, now: float) -> Json:
    """Give a new message of the bot."""
    return {
        "type": "message", "user": settings.BOT_USER_ID, "bot_id": settings.BOT_ID, "app_id": settings.APP_ID,
        "team": settings.TEAM_ID, "ts": box.workspace.next_ts(now=now), **said.fields(), "bot_profile": bot_profile(),
    }  # fmt: skip


def bot_profile() -> Json:
    """Give the bot as messages show it."""
    return {
        "id": settings.BOT_ID, "app_id": settings.APP_ID, "user_id": settings.BOT_USER_ID, "name": settings.BOT_NAME,
        "team_id": settings.TEAM_ID, "deleted": False, "updated": 0,
        "icons": {"image_36": "", "image_48": "", "image_72": ""},
    }  # fmt: skip
