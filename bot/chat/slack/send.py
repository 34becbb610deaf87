"""ports.ChatOut on Slack's Web API. It never retries: the outbox does, and it alone (slack_sdk's default posts twice)."""

import http.client
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.chat.slack.blocks import blocks, plain, text
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.messages import Attachment, Message, Posted

TIMEOUT_S = 10
RETRY_BOUNDS_S = (1.0, 300.0)
NO_RETRY_AFTER_S = 30.0
REFUSED_CONNECTION_S = 2.0
PAGE = 200
CLOSED = {
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope", "no_permission",
    "org_login_required", "team_access_not_granted", "ekm_access_denied",
}  # fmt: skip
UNSURE = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
UNFIT = {
    "invalid_blocks",
    "msg_too_long",
    "msg_blocks_too_long",
    "invalid_blocks_format",
}
UNFIT_METADATA = {"metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema"}
CODE = re.compile(r"[a-z][a-z0-9_]*")
"""What Slack's own error codes look like; slack_sdk puts sentences of its own in their place for what it cannot read."""
CLOCK_SLACK_S = 600.0
"""How much longer ago than since we first tried a message may have been said. By how much our clock is off does not matter:
the chat's answers say what its own shows.
"""


def make_client(token: str, api_url: str | None) -> WebClient:
    """Return a client that asks once, and asks `api_url` where one is set (SLACK_API_URL)."""
    address = f"{(api_url or WebClient.BASE_URL).rstrip('/')}/"
    return WebClient(token=token, base_url=address, timeout=TIMEOUT_S, retry_handlers=[])


class SlackOut:
    """Says, edits, whispers, and looks up what it has said."""

    def __init__(self, client: WebClient, *, now: Callable[[], float] = time) -> None:
        self._client, self._now = client, now
        self._ids: dict[str, str] = {}
        self._me = ""
        self._shut: dict[tuple[str, str], float] = {}

    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        place = self.channel_id(channel)
        said = self._say(self._client.chat_postMessage, message, outbox, channel=place, thread_ts=thread_ts)
        if not isinstance(said.get("channel"), str) or not isinstance(said.get("ts"), str):
            raise ChatDoubtful("unreadable_answer")
        return Posted(channel=said["channel"], ts=said["ts"])

    def attach(
        self, posted: Posted, attachment: Attachment, *, thread_ts: str | None = None, doubtful: bool = False
    ) -> None:
        thread = thread_ts or posted.ts
        if doubtful and self._has_file(posted, attachment.name, thread):
            return
        self.call(
            self._client.files_upload_v2,
            content=attachment.content or "(empty)",
            filename=attachment.name,
            title=attachment.name,
            initial_comment=attachment.title or None,
            channel=posted.channel,
            thread_ts=thread,
        )

    def edit(self, posted: Posted, message: Message, *, outbox: str) -> None:
        self._say(self._client.chat_update, message, outbox, channel=posted.channel, ts=posted.ts)

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        self.call(
            self._client.chat_postEphemeral,
            channel=self.channel_id(channel),
            user=user,
            text=text(message),
            blocks=blocks(message, version="w"),
            thread_ts=thread_ts,
        )

    def link(self, posted: Posted) -> str:
        found = self.call(self._client.chat_getPermalink, channel=posted.channel, message_ts=posted.ts)
        return str(found.get("permalink") or "")

    def find(
        self, channel: str, *, outbox: str, since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        asked: dict[str, Any] = {"channel": self._history_of(channel), "limit": PAGE}
        method: Callable[..., Any] = self._client.conversations_history
        if thread_ts:
            method, asked = self._client.conversations_replies, {**asked, "ts": thread_ts}
        # a channel is read from its newest message backwards, a thread forwards and whole
        longest_s = None if thread_ts else self._now() - since.timestamp() + CLOCK_SLACK_S
        for message in self._history(method, longest_s=longest_s, **asked):
            if _payload(message).get("outbox") == outbox:
                return Posted(channel=asked["channel"], ts=message["ts"])
        return None

    def carried(self, channel: str, *, event_type: str, within_s: float) -> Mapping[str, str]:
        self._me = self._me or str(self.call(self._client.auth_test).get("user_id") or "")
        history = self._history(
            self._client.conversations_history,
            longest_s=within_s,
            channel=self._history_of(channel),
            limit=PAGE,
        )
        ours = (one for one in history if one.get("user") == self._me)
        wanted = (one for one in ours if (one.get("metadata") or {}).get("event_type") == event_type)
        told = (_payload(one) for one in wanted)
        return {one["outbox"]: str(one.get("id", "")) for one in told if isinstance(one.get("outbox"), str)}

    def _history(
        self, method: Callable[..., Any], *, longest_s: float | None, **asked: Any
    ) -> Iterator[dict[str, Any]]:
        """Yield messages, page by page; up to those that were said longer ago than that, by the chat's own clock."""
        cursor = ""
        while True:
            page, at = self._heard(method, include_all_metadata=True, cursor=cursor or None, **asked)
            messages = page.get("messages", [])
            yield from messages
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor or (longest_s is not None and _second(messages) < at - longest_s):
                return

    def _history_of(self, channel: str) -> str:
        """Return the channel whose history is read: of a person, that of our direct messages."""
        if not channel.startswith(("U", "W")):
            return self.channel_id(channel)
        opened = self.call(self._client.conversations_open, users=channel)
        return str((opened.get("channel") or {}).get("id") or channel)

    def channel_id(self, channel: str) -> str:
        """Return the id of a channel given as `#name` or id. Raises ChatRefused(channel_not_found)."""
        if not channel.startswith("#"):
            return channel
        if channel not in self._ids:
            cursor = ""
            while True:
                page = self.call(
                    self._client.conversations_list,
                    types="public_channel,private_channel",
                    exclude_archived=True,
                    limit=PAGE,
                    cursor=cursor or None,
                )
                self._ids |= {f"#{found['name']}": found["id"] for found in page.get("channels", [])}
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if channel in self._ids or not cursor:
                    break
        if channel not in self._ids:
            raise ChatRefused("channel_not_found", channel)
        return self._ids[channel]

    def _say(self, method: Callable[..., Any], message: Message, outbox: str, **place: Any) -> dict[str, Any]:
        metadata = message.metadata
        kind = metadata.event_type if metadata else "hangbot_reply"
        payload = _without_nulls({**(metadata.payload if metadata else {}), "outbox": outbox})
        common = {**place, "metadata": {"event_type": kind, "event_payload": payload}}
        if method == self._client.chat_postMessage:
            common |= {"unfurl_links": False, "unfurl_media": False}
        try:
            return self.call(method, text=text(message), blocks=blocks(message, version=outbox), **common)
        except ChatRefused as refused:
            if refused.code in UNFIT_METADATA:
                known = {key: payload[key] for key in ("id", "outbox") if key in payload}
                common["metadata"] = {"event_type": kind, "event_payload": known}
                shown = {"text": text(message), "blocks": blocks(message, version=outbox)}
                return self.call(method, **shown, **common)
            if refused.code not in UNFIT:
                raise
            return self.call(method, text=plain(message), blocks=[], **common)

    def call(self, method: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        """Call a method unless we were told to wait with it (in this channel): then ChatBusy at once."""
        return self._heard(method, **arguments)[0]

    def _heard(self, method: Callable[..., Any], **arguments: Any) -> tuple[dict[str, Any], float]:
        """Call a method as `call` does; return what it answers, and when that was by the chat's own clock."""
        gate = (method.__name__, str(arguments.get("channel") or ""))
        wait = self._shut.get(gate, 0.0) - monotonic()
        if wait > 0:
            raise ChatBusy(wait)
        try:
            answer = answered(method, **arguments)
            return answer.data, _date(answer.headers) or self._now()
        except ChatBusy as busy:
            self._shut[gate] = monotonic() + busy.retry_after_s
            raise

    def _has_file(self, posted: Posted, name: str, thread: str) -> bool:
        """Look for a file of that name that came into the thread after the message."""
        cursor = ""
        while True:
            page = self.call(
                self._client.conversations_replies,
                channel=posted.channel,
                ts=thread,
                oldest=posted.ts,
                limit=PAGE,
                cursor=cursor or None,
            )
            if any(
                file.get("name") == name
                for row in page.get("messages", [])
                for file in row.get("files") or ()
            ):
                return True
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return False


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    return (message.get("metadata") or {}).get("event_payload") or {}


def call(method: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """Call a Web API method; turn whatever happens into one of the four chat errors."""
    data: dict[str, Any] = answered(method, **arguments).data
    return data


def answered(method: Callable[..., Any], **arguments: Any) -> Any:
    """Call a Web API method and return slack_sdk's answer, its data a good one; all else is one of the four chat errors."""
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        answer = method(**given)
    except SlackApiError as error:
        raise _named(error) from error
    except TimeoutError as error:
        raise ChatDoubtful("timeout") from error
    except (URLError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ConnectionRefusedError):
            raise ChatBusy(REFUSED_CONNECTION_S) from error
        late = isinstance(reason, TimeoutError)
        raise ChatDoubtful("timeout" if late else "connection", str(reason)) from error
    except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
        raise ChatDoubtful(type(error).__name__, str(error)) from error
    data: Any = getattr(answer, "data", None)
    if not isinstance(data, dict) or data.get("ok") is not True:
        raise ChatDoubtful("unreadable_answer")
    return answer


def _date(headers: Mapping[str, str]) -> float | None:
    """Return when an answer was given, in seconds since 1970; None where it does not say."""
    said = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        return parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _second(messages: Sequence[Mapping[str, Any]]) -> float:
    """Return when the last of a page's messages was said."""
    try:
        return float(messages[-1]["ts"])
    except (IndexError, KeyError, TypeError, ValueError):
        return math.inf


def _named(error: SlackApiError) -> ChatBusy | ChatClosed | ChatDoubtful | ChatRefused:
    response: Any = error.response
    status = getattr(response, "status_code", 0)
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        code = None
    if status == http.HTTPStatus.TOO_MANY_REQUESTS or code in ("ratelimited", "rate_limited"):
        return ChatBusy(_retry_after(getattr(response, "headers", None) or {}))
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or code is None or code in UNSURE:
        return ChatDoubtful(code or f"http_{status}")
    return ChatClosed(code) if code in CLOSED else ChatRefused(code)


def _without_nulls(value: Any) -> Any:
    """Say what is not known as an empty text: Slack takes no null (docs.slack.dev/messaging/message-metadata)."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value]
    return "" if value is None else value


def _retry_after(headers: Any) -> float:
    lowest, highest = RETRY_BOUNDS_S
    found = next((value for key, value in dict(headers).items() if str(key).lower() == "retry-after"), "")
    try:
        wanted = float(found if isinstance(found, str) else found[0])
    except (ValueError, IndexError, TypeError):
        return NO_RETRY_AFTER_S
    return NO_RETRY_AFTER_S if math.isnan(wanted) else min(max(wanted, lowest), highest)
