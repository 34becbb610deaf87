"""POST /webhooks/… of a bot that runs: who may, what is refused, and that what is sent is said in the chat."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.chat.slack.running import CONFIG, Bot, running_bot
from tests.sandbox_process import Sandbox
from tests.web.wire import JSON, Got, ask

TOKEN = "webhook-token-of-this-test"
EVENT, ALERTMANAGER = "/webhooks/event", "/webhooks/alertmanager"
DEPLOY = {"kind": "deploy", "service": "ghost", "version": "7", "quiet": "1s"}


BEATING = f"{CONFIG}\nheartbeats: {{backup: {{every: 1h}}}}\n"


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("bot")
    with running_bot(sandbox, folder, BEATING, http="127.0.0.1:0", HANGBOT_WEBHOOK_TOKEN=TOKEN) as running:
        yield running


def send(bot: Bot, path: str, body: object, *, token: str | None = TOKEN) -> Got:
    headers = {"Content-Type": JSON, **({"Authorization": f"Bearer {token}"} if token is not None else {})}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(bot.web, path, method="POST", body=raw, headers=headers)


def alerts(status: str) -> Mapping[str, Any]:
    return {
        "version": "4",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "DiskSlow", "severity": "warning", "instance": "db7:9100"},
                "annotations": {"summary": "<!channel> it is slow"},
                "startsAt": "2026-11-24T03:58:10Z",
                "fingerprint": "abc",
            }
        ],
    }


@pytest.mark.parametrize("path", [EVENT, ALERTMANAGER])
@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], f"{TOKEN}x", "tök"])
def test_without_the_token_nothing_is_read(bot: Bot, path: str, token: str | None) -> None:
    got = send(bot, path, DEPLOY, token=token)
    assert got.status == 401
    assert "Authorization: Bearer" in got.json["error"]
    assert got.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", [EVENT, ALERTMANAGER])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_what_cannot_be_read_is_told(bot: Bot, path: str, body: bytes) -> None:
    got = send(bot, path, body)
    assert got.status == 400
    assert got.json["ok"] is False
    assert got.json["error"]


def test_it_is_posted_and_nothing_else(bot: Bot) -> None:
    assert ask(bot.web, EVENT).status == 405
    assert send(bot, "/webhooks/nothing", {}).status == 404


def test_an_event_is_taken_and_a_wrong_one_told_what_to_send(bot: Bot) -> None:
    got = send(bot, EVENT, DEPLOY)
    assert (got.status, got.json) == (200, {"ok": True, "new": True})
    wrong = send(bot, EVENT, {**DEPLOY, "service": "gost"})
    assert wrong.status == 400
    assert "ghost" in wrong.json["error"]


def test_a_foreign_alert_is_said_in_the_chat_and_its_end_too(bot: Bot, sandbox: Sandbox) -> None:
    assert send(bot, ALERTMANAGER, alerts("firing")).json == {"ok": True, "alerts": 1, "new": 1}
    message = said(sandbox, "WARNING db7 in DiskSlow")
    assert "it is slow" in json.dumps(message["blocks"])
    assert not [one for one in marked_up(message) if "<!channel>" in one], (
        "nobody is mentioned by a foreign text"
    )
    assert send(bot, ALERTMANAGER, alerts("firing")).json["new"] == 0
    assert send(bot, ALERTMANAGER, alerts("resolved")).json["new"] == 1
    assert said(sandbox, "RESOLVED db7 is over DiskSlow")["ts"] == message["ts"]


def test_a_job_reports_by_a_request_and_a_failure_is_said(bot: Bot, sandbox: Sandbox) -> None:
    auth = {"Authorization": f"Bearer {TOKEN}"}
    assert ask(bot.web, "/heartbeat/backup").status == 401
    for method in ("GET", "POST"):
        assert ask(bot.web, "/heartbeat/backup", method=method, headers=auth).json == {"ok": True}
    unknown = ask(bot.web, "/heartbeat/bakcup", headers=auth)
    assert unknown.status == 404
    assert "it has: backup" in unknown.json["error"]
    assert ask(bot.web, "/heartbeat/backup/nonsense", headers=auth).status == 404
    assert ask(bot.web, "/heartbeat/backup/fail", headers=auth).status == 200
    said(sandbox, "WARNING backup on cron failing")
    assert ask(bot.web, "/heartbeat/backup", headers=auth).status == 200
    said(sandbox, "RESOLVED backup on cron reports that all went well")


def marked_up(value: Any) -> Iterator[str]:
    """Yield every text in which Slack would look for mentions."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield str(value["text"])
        for key, inner in value.items():
            if key == "text" and "blocks" in value:
                yield str(inner)
            yield from marked_up(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from marked_up(inner)


def said(sandbox: Sandbox, text: str) -> dict[str, Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = [one for one in sandbox.messages("ops") if one["text"].startswith(text)]
        if found:
            return dict(found[0])
        time.sleep(0.2)
    raise AssertionError(f"nobody said {text}: {[one['text'] for one in sandbox.messages('ops')]}")


def test_a_bot_without_a_token_says_how_to_set_one(sandbox: Sandbox, tmp_path: Any) -> None:
    with running_bot(sandbox, tmp_path, CONFIG, http="127.0.0.1:0") as other:
        got = send(other, EVENT, DEPLOY, token="")
        assert got.status == 403
        assert "HANGBOT_WEBHOOK_TOKEN is not set" in got.json["error"]
