"""POST /webhooks/pagerduty of a bot that runs: signed by its secret, and said in the chat."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import pytest

from tests.chat.slack.running import CONFIG, Bot, running_bot
from tests.clocks import RealClock
from tests.sandbox_process import Sandbox
from tests.web.wire import JSON, Got, ask

SECRET = "secret-of-this-test-as-pagerduty-shows-it-once"
PATH = "/webhooks/pagerduty"


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("bot")
    with running_bot(sandbox, folder, http="127.0.0.1:0", PAGERDUTY_WEBHOOK_SECRET=SECRET) as running:
        yield running


def signature(body: bytes, secret: str = SECRET) -> str:
    return f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def send(bot: Bot, body: bytes, header: str | None = None) -> Got:
    signed = {"X-PagerDuty-Signature": signature(body) if header is None else header}
    return ask(bot.web, PATH, method="POST", body=body, headers={"Content-Type": JSON, **signed})


def acknowledgement(key: str) -> bytes:
    agent = {"id": "PXPGF42", "type": "user_reference", "summary": "Ana <!channel> Lee"}
    event = {
        "id": "01BZ",
        "event_type": "incident.acknowledged",
        "occurred_at": RealClock().now().astimezone(UTC).isoformat(),
        "agent": agent,
        "data": {"id": "PT4KHLK", "type": "incident", "incident_key": key},
    }
    return json.dumps({"event": event}).encode()


@pytest.mark.parametrize(
    "header", ["", "v1=", "v1=" + "0" * 64, "v0={right}", "{right}0", "tök", signature(b"", "another secret")]
)
def test_what_is_not_signed_is_not_read(bot: Bot, header: str) -> None:
    body = acknowledgement("alr_1")
    right = signature(body).removeprefix("v1=")
    got = send(bot, body, header.replace("{right}", right))
    assert got.status == 401
    assert "signature" in got.json["error"]


def test_a_signature_is_of_these_bytes(bot: Bot) -> None:
    body = acknowledgement("alr_1")
    assert send(bot, body + b" ", signature(body)).status == 401


def test_while_a_secret_is_changed_either_signature_is_right(bot: Bot) -> None:
    body = acknowledgement("alr_none")
    got = send(bot, body, f"{signature(body, 'the one before')},{signature(body)}")
    assert (got.status, got.json) == (200, {"ok": True, "new": False})


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"{}"])
def test_what_cannot_be_read_is_told(bot: Bot, body: bytes) -> None:
    got = send(bot, body)
    assert got.status == 400
    assert got.json["error"]


def test_acknowledged_there_stands_on_the_alert_here(bot: Bot, sandbox: Sandbox) -> None:
    alert = said(sandbox, "CRITICAL ghost on here", "")
    body = acknowledgement(alert["metadata"]["event_payload"]["id"])
    assert send(bot, body).json == {"ok": True, "new": True}
    assert send(bot, body).json == {"ok": True, "new": False}
    after = said(sandbox, "CRITICAL ghost on here", "Acknowledged by Ana")
    assert after["ts"] == alert["ts"]
    assert after["metadata"]["event_payload"]["status"] == "acknowledged"
    assert "<!channel>" not in json.dumps(after["blocks"])


def said(sandbox: Sandbox, begins: str, has: str) -> Mapping[str, Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for one in sandbox.messages("ops"):
            if one["text"].startswith(begins) and has in one["text"]:
                return one
        time.sleep(0.2)
    raise AssertionError(f"nobody said {begins}: {[one['text'] for one in sandbox.messages('ops')]}")


def test_without_the_secret_it_says_where_that_is(sandbox: Sandbox, tmp_path: Any) -> None:
    with running_bot(sandbox, tmp_path, CONFIG, http="127.0.0.1:0") as other:
        got = send(other, acknowledgement("alr_1"))
        assert got.status == 403
        assert "PAGERDUTY_WEBHOOK_SECRET is not set" in got.json["error"]
