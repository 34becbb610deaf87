"""POST /slack/events: what Slack has signed goes to bolt. Everything else is refused before it is read.

slack_sdk's own verifier raises on odd headers and bodies, and bolt's answers `ssl_check` before it; this one stands in
front of both. Rules: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import io
import re
from threading import Lock
from time import monotonic
from urllib.parse import parse_qs

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.ports import Services
from bot.web.pages import Answer, Environ, said

PATH = "/slack/events"
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
TIMESTAMP = re.compile(r"[0-9]{1,11}", re.ASCII)
MOST_OFF_S = 300.0
LOGGED_EVERY_S = 60.0
SSL_CHECK_BYTES = 4096
OK, BAD, UNAUTHORIZED = 200, 400, 401


def refusal(body: bytes, environ: Environ, *, secret: str, now: float) -> str:
    """Return why Slack cannot have sent this, as one of metrics' reasons; empty where its signature is right."""
    signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
    timestamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
    if not SIGNATURE.fullmatch(signature) or not TIMESTAMP.fullmatch(timestamp):
        return "unsigned"
    if abs(now - int(timestamp)) > MOST_OFF_S:
        return "stale"
    signed = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    if not hmac.compare_digest(f"v0={signed.hexdigest()}", signature):
        return "wrong"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "unreadable"
    return ""


class Door:
    """Lets in what is signed, once it is known to be."""

    def __init__(self, app: App, secret: str, services: Services) -> None:
        self._handler = SlackRequestHandler(app, path=PATH)
        self._secret, self._clock, self._telemetry = secret, services.clock, services.telemetry
        self._lock = Lock()
        self._logged: dict[str, float] = {}

    def page(self, environ: Environ) -> Answer:
        body = environ["wsgi.input"].read()
        why = refusal(body, environ, secret=self._secret, now=self._clock.now().timestamp())
        if not why:
            return self._handed_on(environ, body)
        if _is_ssl_check(body):
            return Answer()
        self._note(why)
        return said("This is not signed by Slack.", status=UNAUTHORIZED)

    def _handed_on(self, environ: Environ, body: bytes) -> Answer:
        """Let bolt's adapter answer. What it cannot read, although it is signed, is not worth a stack in the log."""
        given = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        status, headers = "", dict[str, str]()

        def start_response(line: str, fields: list[tuple[str, str]]) -> None:
            nonlocal status, headers
            status, headers = line, {name.lower(): value for name, value in fields}

        try:
            content = b"".join(self._handler(given, start_response))  # type: ignore[arg-type]  # answers once, never writes
        except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
            return said("This cannot be read.", status=BAD)
        kind = headers.get("content-type", "text/plain; charset=utf-8")
        return Answer(status=int(status.split(maxsplit=1)[0]), body=content, type=kind)

    def _note(self, why: str) -> None:
        """Count every one; log one a minute of each kind, since who sends them may send many."""
        self._telemetry.count("slack_refused", reason=why)
        with self._lock:
            if monotonic() - self._logged.get(why, float("-inf")) < LOGGED_EVERY_S:
                return
            self._logged[why] = monotonic()
        self._telemetry.event("request to /slack/events refused", reason=why)


def _is_ssl_check(body: bytes) -> bool:
    """Return whether Slack only looks at our certificate, which it does without a signature: nothing is run for it."""
    if len(body) > SSL_CHECK_BYTES:
        return False
    return parse_qs(body.decode("latin-1")).get("ssl_check") == ["1"]
