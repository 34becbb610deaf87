"""What the stand-in answers when a call cannot be done, and which answers show a mistake of the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Answers about the state of the workspace. A correct bot meets them (a person was faster, a token was revoked), so
# they are no violation. Every other error says that the caller broke a rule of Slack.
ORDINARY = frozenset({
    "already_archived", "already_in_channel", "already_pinned", "already_reacted", "cannot_reply_to_message",
    "channel_not_found", "hash_conflict", "invalid_auth", "is_archived", "message_not_found", "name_taken",
    "no_item_specified", "no_reaction", "no_such_subteam", "not_authed", "not_found", "not_in_channel",
    "ratelimited", "thread_not_found", "token_revoked", "user_not_found", "user_not_in_channel", "users_not_found",
    "bot_not_found", "file_not_found",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One broken rule and its place, a JSON pointer from the argument's name: `/blocks/0/text`."""

    pointer: str
    problem: str

    @property
    def line(self) -> str:
        """Put it as Slack does in `response_metadata.messages`."""
        return f"[ERROR] {self.problem} [json-pointer:{self.pointer}]"


class SlackError(Exception):
    """An answer `{"ok": false, "error": …}`; `more` is merged into it."""

    def __init__(
        self,
        error: str,
        *,
        flaws: Sequence[Flaw] = (),
        listed: bool | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.flaws = tuple(flaws)
        self.listed = error not in ORDINARY if listed is None else listed
        self.more = dict(more or {})

    @property
    def pointer(self) -> str | None:
        """The first broken place."""
        return self.flaws[0].pointer if self.flaws else None

    def answer(self) -> Json:
        """The JSON document that the caller gets."""
        lines = [flaw.line for flaw in self.flaws]
        document: Json = {"ok": False, "error": self.error, **self.more}
        if lines:
            document["response_metadata"] = {"messages": lines}
        if lines and self.error in {"invalid_blocks", "invalid_attachments"}:
            document["errors"] = [f"{flaw.problem} [json-pointer:{flaw.pointer}]" for flaw in self.flaws]
        return document
