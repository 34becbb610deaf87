"""HTTP as a test speaks it: well, by http.client; badly, by bytes."""

import hashlib
import hmac
import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.web.address import Address, listen
from bot.web.pages import Route
from bot.web.server import REQUEST_WITHIN_S, Server
from tests.clocks import QuietTelemetry
from tests.sandbox_process import SIGNING_SECRET

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Got:
    """An answer; `headers` in lower case, `took_s` since it was asked."""

    status: int
    headers: Mapping[str, str]
    body: str
    took_s: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Got:
    """Send one request over a connection of its own."""
    began = time.monotonic()
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Got(status=answer.status, headers=named, body=text, took_s=time.monotonic() - began)
    finally:
        connection.close()


def send_raw(url: str, data: bytes, *, end: bool = False) -> bytes:
    """Send bytes, and return everything that comes until the server closes; `end`: say that no more will come."""
    with dial(url) as line:
        try:
            line.sendall(data)
            if end:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may close before it has read all
        return everything(line)


def everything(line: socket.socket) -> bytes:
    found = b""
    try:
        while data := line.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return found


def dial(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), parts.port), timeout=PATIENCE_S)


def status_of(answer: bytes) -> int:
    """Return the status of a raw answer; 0 where there is none."""
    first = answer.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 and first[0].startswith(b"HTTP/") else 0


@contextmanager
def serving(
    routes: Mapping[str, Route], telemetry: QuietTelemetry, *, request_within_s: float = REQUEST_WITHIN_S
) -> Iterator[str]:
    """Run the real server; yield its address."""
    with listen(Address(host="127.0.0.1", port=0)) as listener:
        server = Server(listener, routes, telemetry, request_within_s=request_within_s)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop()


# --- as Slack signs


def signed(
    body: bytes, *, at: float | None = None, secret: str = SIGNING_SECRET, kind: str = FORM
) -> dict[str, str]:
    """Return the headers with which Slack would send this body."""
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    right = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={right}", "Content-Type": kind}


def a_command(
    text: str, *, user: str, channel: str, trigger: str, respond: str = "http://127.0.0.1:1/"
) -> bytes:
    """Return a slash command's body."""
    return urlencode(
        {
            "command": "/hang",
            "text": text,
            "user_id": user,
            "channel_id": channel,
            "team_id": "T0SANDBOX",
            "response_url": respond,
            "trigger_id": trigger,
        }
    ).encode()
