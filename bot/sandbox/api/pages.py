"""Reading back: history and replies, with their paging. Metadata only on request, as in Slack."""

import base64
import binascii
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

from bot.sandbox import settings
from bot.sandbox.api.places import channel_by_id
from bot.sandbox.arguments import Arguments
from bot.sandbox.box import Call
from bot.sandbox.errors import Flaw, Json, SlackError
from bot.sandbox.workspace import Channel

MOST = 999


def history(call: Call) -> Json:
    """Give a channel's messages, the newest first: https://docs.slack.dev/reference/methods/conversations.history."""
    channel = _readable(call)
    wanted = _span(call.args)
    found = [message for message in channel.messages.values() if wanted(message["ts"])]
    found.reverse()
    return _page(call, found, default=100, newest_first=True)


def replies(call: Call) -> Json:
    """Give a thread, its parent first: https://docs.slack.dev/reference/methods/conversations.replies."""
    channel = _readable(call)
    parent = channel.find(call.args.needed("ts", "thread_not_found"))
    if parent is None:
        raise SlackError("thread_not_found")
    thread = channel.replies.get(parent["ts"], [])
    wanted = _span(call.args)
    found = [parent, *(reply for reply in thread if wanted(reply["ts"]))]
    return _page(call, found, default=MOST, newest_first=False)


def _readable(call: Call) -> Channel:
    channel = channel_by_id(call)
    if settings.BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _span(args: Arguments) -> Callable[[str], bool]:
    """Give the test for a ts between `oldest` and `latest`. Raises SlackError where these are no times."""
    inclusive = args.flag("inclusive")
    oldest, latest = _time(args, "oldest"), _time(args, "latest")

    def between(ts: str) -> bool:
        at = Decimal(ts)
        if oldest is not None and (at < oldest or (at == oldest and not inclusive)):
            return False
        return latest is None or at < latest or (at == latest and inclusive)

    return between


def _time(args: Arguments, name: str) -> Decimal | None:
    text = args.text(name)
    if not text or text in {"0", "now"}:
        return None
    try:
        return _finite(text)
    except InvalidOperation as error:
        raise SlackError(
            f"invalid_ts_{name}", flaws=[Flaw(pointer=f"/{name}", problem="must be a ts")]
        ) from error


def _finite(text: str) -> Decimal:
    """Read a time; `NaN` and `Infinity` are numbers to Decimal, but no times."""
    found = Decimal(text)
    if not found.is_finite():
        raise InvalidOperation
    return found


def _page(call: Call, found: Iterable[Json], *, default: int, newest_first: bool) -> Json:
    limit = call.args.number("limit", default) or default
    if limit < 0 or limit > MOST + 1:
        raise SlackError(
            "invalid_limit", flaws=[Flaw(pointer="/limit", problem="must be between 1 and 1000")]
        )
    after = _read_cursor(call.args.text("cursor"))
    rest = list(found)
    if after is not None:
        rest = [
            message
            for message in rest
            if (Decimal(message["ts"]) < after) == newest_first and message["ts"] != str(after)
        ]
    shown = [_shown(message, call.args.flag("include_all_metadata")) for message in rest[:limit]]
    more = len(rest) > limit
    cursor = base64.b64encode(f"next_ts:{shown[-1]['ts']}".encode()).decode() if more else ""
    return {
        "ok": True, "messages": shown, "has_more": more, "pin_count": 0, "response_metadata": {"next_cursor": cursor},
    }  # fmt: skip


def _read_cursor(cursor: str) -> Decimal | None:
    if not cursor:
        return None
    try:
        return _finite(base64.b64decode(cursor, validate=True).decode().removeprefix("next_ts:"))
    except (binascii.Error, UnicodeDecodeError, InvalidOperation) as error:
        raise SlackError("invalid_cursor") from error


def _shown(message: Json, with_metadata: bool) -> Json:
    return message if with_metadata else {key: value for key, value in message.items() if key != "metadata"}
