"""POST /slack/events of a running bot: what is not Slack's is refused in silence, what is Slack's runs once."""

import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.chat.slack.running import Bot
from tests.sandbox_process import Sandbox
from tests.web.wire import JSON, PATIENCE_S, Got, a_command, ask, dial, send_raw, signed, status_of

pytestmark = pytest.mark.parametrize("mode", ["http"], scope="module")

PATH = "/slack/events"
P01, OPS = "U0P01", "C0OPS"
BODY = a_command("status", user=P01, channel=OPS, trigger="1.1.aa")
NOW = time.time()


def post(bot: Bot, body: bytes, headers: Mapping[str, str]) -> Got:
    return ask(bot.web, PATH, method="POST", body=body, headers=headers)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in signed(BODY).items() if key != name}


def instead(**changes: str) -> dict[str, str]:
    return signed(BODY) | {name.replace("_", "-"): value for name, value in changes.items()}


def test_what_slack_cannot_have_sent_is_401_and_nothing_of_it_is_logged(bot: Bot, sandbox: Sandbox) -> None:
    stamp = "X_Slack_Request_Timestamp"
    right = signed(BODY)["X-Slack-Signature"]
    hostile: dict[str, tuple[bytes, Mapping[str, str]]] = {
        "no headers": (BODY, {}),
        "no signature": (BODY, without("X-Slack-Signature")),
        "no timestamp": (BODY, without("X-Slack-Request-Timestamp")),
        "empty signature": (BODY, instead(X_Slack_Signature="")),
        "another secret": (BODY, signed(BODY, secret="guessed")),
        "another body": (BODY + b"&more=1", signed(BODY)),
        "301 s old": (BODY, signed(BODY, at=time.time() - 301)),
        "305 s ahead": (BODY, signed(BODY, at=time.time() + 305)),
        "words for a timestamp": (BODY, instead(**{stamp: "abc"})),
        "5000 digits": (BODY, instead(**{stamp: "9" * 5000})),
        "a negative time": (BODY, instead(**{stamp: "-1"})),
        "a fraction": (BODY, instead(**{stamp: f"{NOW}"})),
        "other digits": (BODY, instead(**{stamp: "\u0661\u0662".encode().decode("latin-1")})),
        "not ASCII": (BODY, instead(X_Slack_Signature="v0=" + "\xe9" * 64)),
        "upper case": (BODY, instead(X_Slack_Signature=right.upper())),
        "another version": (BODY, instead(X_Slack_Signature=right.replace("v0", "v1"))),
        "cut short": (BODY, instead(X_Slack_Signature=right[:-1])),
        "two in one": (BODY, instead(X_Slack_Signature=f"{right}, {right}")),
        "no UTF-8": (b"text=\xff\xfe", signed(b"text=\xff\xfe")),
        "no UTF-8, unsigned": (b"text=\xff\xfe", {}),
        "unsigned challenge": (b'{"type": "url_verification", "challenge": "x"}', {"Content-Type": JSON}),
        "ssl_check among more": (b"ssl_check=1&" + b"a" * 5000, {}),
        "nothing": (b"", {}),
    }
    answers = {name: post(bot, body, headers) for name, (body, headers) in hostile.items()}
    assert {name: got.status for name, got in answers.items() if got.status != 401} == {}
    assert {got.body for got in answers.values()} == {"This is not signed by Slack.\n"}
    raw = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed(BODY).items())
    twice = (raw + lines + f"X-Slack-Signature: {right}\r\n\r\n").encode() + BODY
    assert status_of(send_raw(bot.web, twice)) == 401
    log = bot.log.read_text()
    assert "Traceback" not in log
    assert "trigger_id" not in log
    assert log.count("request to /slack/events refused") <= 4
    assert sandbox.state()["ephemerals"] == []


def test_what_is_too_large_or_too_slow_is_413_or_408(bot: Bot) -> None:
    large = b"text=" + b"x" * (10 << 20)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(large)}\r\n\r\n".encode()
    assert status_of(send_raw(bot.web, head + large)) == 413
    with dial(bot.web) as slow:
        slow.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ntext".encode())
        assert ask(bot.web, "/healthz").status == 200
        slow.settimeout(PATIENCE_S)
        assert status_of(slow.recv(4096)) == 408


def test_a_signed_body_may_come_in_chunks(bot: Bot) -> None:
    body = b'{"type": "url_verification", "challenge": "abc"}'
    lines = "".join(f"{name}: {value}\r\n" for name, value in signed(body, kind=JSON).items())
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{lines}\r\n"
    )
    chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in body) + b"0\r\n\r\n"
    answer = send_raw(bot.web, head.encode() + chunks)
    assert status_of(answer) == 200
    assert b"abc" in answer


@pytest.mark.parametrize("off", [-299, 0, 295])
def test_slacks_challenge_is_answered_within_five_minutes_of_its_time(bot: Bot, off: int) -> None:
    body = b'{"token": "t", "type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}'
    got = post(bot, body, signed(body, at=time.time() + off, kind=JSON))
    assert (got.status, json.loads(got.body)["challenge"][:8]) == (200, "3eZbrw1a")


def test_slacks_look_at_the_certificate_needs_no_signature_and_runs_nothing(
    bot: Bot, sandbox: Sandbox
) -> None:
    body = BODY + b"&ssl_check=1"
    for headers in ({}, signed(body)):
        got = post(bot, body, headers)
        assert (got.status, got.body) == (200, "")
    settled(bot, sandbox, "p02")
    assert told(sandbox, "p01") == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a":' * 200_000,
        b"[1]",
        b"payload=%7B",
        b"payload=[]",
    ],
)
def test_signed_nonsense_is_refused_without_a_stack_and_the_next_is_answered(bot: Bot, body: bytes) -> None:
    assert post(bot, body, signed(body, kind=JSON)).status in (200, 400, 404)
    assert ask(bot.web, "/healthz").status == 200
    assert "Traceback" not in bot.log.read_text()


def test_a_signed_event_that_makes_no_sense_is_logged_and_the_next_is_answered(
    bot: Bot, sandbox: Sandbox
) -> None:
    event = {"type": "app_mention", "user": P01, "text": "in no channel"}
    body = json.dumps({"type": "event_callback", "event_id": "Ev0", "event": event}).encode()
    assert post(bot, body, signed(body, kind=JSON)).status == 200
    sandbox.wait_for(lambda _: "delivery failed" in bot.log.read_text(), 40)
    assert ask(bot.web, "/healthz").status == 200


def test_only_posts_are_taken(bot: Bot) -> None:
    for method in ("GET", "HEAD", "PUT"):
        got = ask(bot.web, PATH, method=method)
        assert (got.status, got.headers["allow"]) == (405, "POST")


def told(sandbox: Sandbox, name: str) -> list[str]:
    """Return what was said in the alert channel because this person asked."""
    return [one["text"] for one in sandbox.messages("ops") if f"{name}: " in str(one.get("blocks"))]


def settled(bot: Bot, sandbox: Sandbox, user: str) -> list[str]:
    """Send one more line after the others; when it is answered so are they. Return all that was said for this person."""
    last = a_command("hosts", user=f"U0{user.upper()}", channel=OPS, trigger=f"last.{user}")
    assert post(bot, last, signed(last)).status == 200
    sandbox.wait_for(lambda _: any("I watch" in text for text in told(sandbox, user)), 40)
    return told(sandbox, user)


def silences(bot: Bot, user: str) -> int:
    """Return how many silences somebody has made, as the database has it."""
    with closing(sqlite3.connect(bot.log.with_name("hangbot.db"))) as database:
        found: int = database.execute(
            "select count(*) from silences where body like ?", (f"%{user}%",)
        ).fetchone()[0]
        return found


def test_a_replayed_command_runs_once_however_it_is_signed(bot: Bot, sandbox: Sandbox) -> None:
    body = a_command("silence here/ghost 1h", user="U0P03", channel=OPS, trigger="1.3.cc")
    headers, later = signed(body), signed(body, at=time.time() + 2)
    answers = [post(bot, body, sent) for sent in (headers, headers, later, headers)]
    assert [(got.status, got.body) for got in answers] == [(200, "")] * 4
    sandbox.wait_for(lambda _: told(sandbox, "p03"), 40)
    assert len(settled(bot, sandbox, "p03")) == 2
    assert silences(bot, "U0P03") == 1


def test_a_payload_without_an_id_of_its_own_is_known_by_what_it_says(bot: Bot, sandbox: Sandbox) -> None:
    for text in ("status", "status here", "status"):
        body = a_command(text, user="U0P04", channel=OPS, trigger="")
        assert post(bot, body, signed(body)).status == 200
    sandbox.wait_for(lambda _: len(told(sandbox, "p04")) == 2, 40)
    assert len(settled(bot, sandbox, "p04")) == 3


def test_an_event_that_is_sent_again_runs_once(bot: Bot, sandbox: Sandbox) -> None:
    text = "<@U0HANGBOT> silence here/ghost 1h"
    event = {"type": "app_mention", "user": "U0P05", "text": text, "ts": "1.1", "channel": OPS}
    wrapped = {"type": "event_callback", "event_id": "Ev05", "event": event, "team_id": "T0SANDBOX"}
    body = json.dumps(wrapped).encode()
    for number in range(4):
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}
        assert post(bot, body, signed(body, at=time.time() + number, kind=JSON) | retry).status == 200
    sandbox.wait_for(lambda _: silences(bot, "U0P05"), 40)
    settled(bot, sandbox, "p05")
    assert silences(bot, "U0P05") == 1


def test_an_event_that_nobody_asked_for_is_acknowledged_too(bot: Bot) -> None:
    """Else Slack would send it four times, and might switch our events off."""
    body = json.dumps(
        {"type": "event_callback", "event_id": "Ev6", "event": {"type": "channel_rename"}}
    ).encode()
    assert post(bot, body, signed(body, kind=JSON)).status == 200


def test_other_pages_stand_beside_it(bot: Bot) -> None:
    assert ask(bot.web, "/readyz").json == {"ready": True, "reasons": {}}
    refused = [
        line
        for line in ask(bot.web, "/metrics").body.splitlines()
        if line.startswith("hangbot_slack_refused")
    ]
    assert any(line.startswith('hangbot_slack_refused_total{reason="stale"} ') for line in refused)


def test_no_rule_of_slack_was_broken(sandbox: Sandbox, bot: Bot) -> None:
    broken = [one for one in sandbox.violations() if one["method"] != "response_url"]
    assert broken == []
    assert bot.process.poll() is None


def test_a_form_field_that_comes_twice_is_no_way_in(bot: Bot) -> None:
    body = urlencode([("payload", "{}"), ("payload", "{")]).encode()
    assert post(bot, body, signed(body)).status in (200, 400, 404)
