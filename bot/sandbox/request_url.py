"""HTTP mode: each delivery is a signed POST to the app's request URL, and the answer its acknowledgement.

https://docs.slack.dev/authentication/verifying-requests-from-slack , https://docs.slack.dev/apis/events-api/
"""

import asyncio
import hashlib
import hmac
import io
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from bot.sandbox import settings
from bot.sandbox.deliveries import ACK_SECONDS, NobodyThereError, NotAcknowledgedError, Retries
from bot.sandbox.errors import Json
from bot.sandbox.guard import is_loopback

OK = 200
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SERVICE_ERROR = "http_service_error"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the app sent back; `headers` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RequestUrl:
    """Delivers to one address, as Hub does to sockets. `duplicates`: so many deliveries come twice."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.duplicates = 0
        self._retries = Retries()

    async def verify(self) -> str:
        """Send Slack's challenge, as when the URL is saved; gives what is wrong, empty when the app answers it."""
        challenge = secrets.token_urlsafe(24)
        asked = {"token": settings.VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        try:
            answer = await self._post(json.dumps(asked), JSON, {})
        except NobodyThereError:
            return "nobody listens there"
        except NotAcknowledgedError as failure:
            return f"it did not answer the challenge: {failure.reason}"
        return "" if challenge.encode() in answer.body else "it answered something else than the challenge"

    async def deliver(self, kind: str, payload: Json, *, accepts_payload: bool) -> Json:
        """Send one payload and give what the app acknowledged with, `{}` when nothing.

        Raises NobodyThereError and NotAcknowledgedError.
        """
        fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        answer = await self._post(urlencode(fields), FORM, {})
        return _read(answer) if accepts_payload else {}

    def emit(self, payload: Json) -> asyncio.Task[Json | None]:
        """Send an event, again while it is not acknowledged; gives the first try's acknowledgement or None."""

        async def send(attempt: int, reason: str) -> Json:
            headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
            await self._post(json.dumps(payload), JSON, headers)
            return {}

        return self._retries.emit(send)

    async def _post(self, body: str, kind: str, headers: Mapping[str, str]) -> Answered:
        copies = 2 if self.duplicates else 1
        self.duplicates = max(0, self.duplicates - 1)
        for _ in range(copies):
            answer = await self._signed(body.encode(), kind, headers)
        if answer.status != OK:
            final = answer.headers.get("x-slack-no-retry") == "1"
            raise NotAcknowledgedError(error=SERVICE_ERROR, reason="http_error", final=final)
        return answer

    async def _signed(self, body: bytes, kind: str, headers: Mapping[str, str]) -> Answered:
        timestamp = str(int(time.time()))
        sent = {
            "Host": urlsplit(self.url).netloc, "Content-Type": kind, "Content-Length": str(len(body)),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", "Accept": "*/*", "Connection": "close",
            "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature(timestamp, body), **headers,
        }  # fmt: skip
        try:
            return await asyncio.wait_for(_exchanged(self.url, sent, body), ACK_SECONDS)
        except TimeoutError as error:
            raise NotAcknowledgedError(reason="http_timeout") from error
        except (OSError, HTTPException) as error:
            raise NobodyThereError from error


def signature(timestamp: str, body: bytes) -> str:
    """Sign as Slack does, with the secret that everybody knows."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(settings.SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest()


def refused(url: str) -> str:
    """Give why this cannot be a request URL here, empty when it can."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "http" and is_loopback(parts.netloc) and parts.port is not None
    except ValueError:
        usable = False
    return "" if usable else "a request URL here is http://127.0.0.1:PORT/…"


async def _exchanged(url: str, headers: Mapping[str, str], body: bytes) -> Answered:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        lines = [
            f"POST {parts.path or '/'} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        return _parsed(await reader.read())
    finally:
        writer.close()


def _parsed(raw: bytes) -> Answered:
    """Read an answer with the standard library's reader, which wants a socket. Raises HTTPException."""

    class Socket:
        def makefile(self, *_: Any) -> io.BytesIO:
            return io.BytesIO(raw)

    response = HTTPResponse(cast("Any", Socket()), method="POST")
    response.begin()
    named = {name.lower(): value for name, value in response.getheaders()}
    return Answered(status=response.status, headers=named, body=response.read())


def _read(answer: Answered) -> Json:
    """Give the acknowledgement's payload: JSON, or the text of a reply."""
    text = answer.body.decode(errors="replace").strip()
    if answer.headers.get("content-type", "").startswith(JSON):
        try:
            found = json.loads(text or "{}")
        except ValueError:
            return {"text": text}
        return found if isinstance(found, dict) else {"text": str(found)}
    return {"text": text} if text else {}
