"""HTTP mode of the sandbox: what an app at a request URL is sent, and what comes of its answers."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from tests.sandbox_process import SIGNING_SECRET, Sandbox, running_sandbox
from tests.sshd import free_port

Reply = tuple[int, str, str]
SILENCE: Reply = (200, "text/plain", "")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def signed(self) -> bool:
        base = b"v0:" + self.headers["X-Slack-Request-Timestamp"].encode() + b":" + self.body
        right = "v0=" + hmac.new(SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()
        return self.headers["X-Slack-Signature"] == right


@dataclass(kw_only=True)
class App:
    """An app that answers the challenge, and everything else as a test says."""

    url: str = ""
    answer: Callable[[Seen], Reply] = lambda _: SILENCE
    seen: list[Seen] = field(default_factory=list)

    def sent(self, least: int = 1) -> list[Seen]:
        """Return what came beside the challenge, once there is so much of it."""
        end = time.monotonic() + 30
        while len(self.seen) < least + 1 and time.monotonic() < end:
            time.sleep(0.02)
        return self.seen[1:]


@contextmanager
def listening() -> Iterator[App]:
    app = App()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen = Seen(headers=self.headers, body=self.rfile.read(int(self.headers["Content-Length"])))
            app.seen.append(seen)
            asked = json.loads(seen.body) if seen.body.startswith(b"{") else {}
            challenge = asked.get("challenge")
            status, kind, body = (200, "text/plain", challenge) if challenge else app.answer(seen)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    app.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def app(box: Sandbox) -> Iterator[App]:
    with listening() as found:
        assert box.request_url(found.url) == {"ok": True}
        yield found


def test_a_slash_command_is_a_signed_form_and_its_answer_is_shown(box: Sandbox, app: App) -> None:
    app.answer = lambda _: (200, "application/json", json.dumps({"text": "here you are"}))
    assert box.say("ana", "/hang status <web1> & more")["ok"]
    (seen,) = app.sent()
    fields = parse_qs(seen.body.decode())
    assert seen.signed
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (fields["command"], fields["text"]) == (["/hang"], ["status <web1> & more"])
    assert box.state()["ephemerals"][-1]["message"]["text"] == "here you are"


def test_a_pressed_button_is_a_form_with_its_payload(box: Sandbox, app: App) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "1"}
    said = box.api(
        "chat.postMessage", channel="#ops", text="x", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert box.press("ana", said["ts"], "go")["ok"]
    (seen,) = app.sent()
    payload = json.loads(parse_qs(seen.body.decode())["payload"][0])
    assert (seen.signed, payload["type"], payload["actions"][0]["value"]) == (True, "block_actions", "1")


def test_an_event_that_is_refused_comes_again_with_its_number_and_reason(box: Sandbox, app: App) -> None:
    app.answer = lambda seen: SILENCE if "X-Slack-Retry-Num" in seen.headers else (500, "text/plain", "")
    assert not box.say("ana", "@hangbot help")["acknowledged"]
    seen = app.sent(4)  # a mention is two events: the message, and that the app is named in it
    first, again = (
        [one for one in seen if ("X-Slack-Retry-Num" in one.headers) is late] for late in (False, True)
    )
    assert {one.headers["X-Slack-Retry-Num"] for one in again} == {"1"}
    assert {one.headers["X-Slack-Retry-Reason"] for one in again} == {"http_error"}
    assert all(one.signed for one in again)
    assert sorted(map(event_of, again)) == sorted(map(event_of, first))


def event_of(seen: Seen) -> str:
    return str(json.loads(seen.body)["event_id"])


def test_who_wants_no_retry_gets_none(box: Sandbox, app: App) -> None:
    answered = threading.Event()

    def refuse(_: Seen) -> Reply:
        answered.set()
        return (500, "text/plain\r\nX-Slack-No-Retry: 1", "")

    app.answer = refuse
    box.post("home", user="ana")
    assert answered.wait(20)
    assert box.say("ana", "/hang")["error"] == "http_service_error"
    assert [seen for seen in app.sent(2) if "X-Slack-Retry-Num" in seen.headers] == []


def test_an_answer_after_three_seconds_is_none(box: Sandbox, app: App) -> None:
    late = threading.Event()

    def wait(_: Seen) -> Reply:
        late.wait(20)
        return SILENCE

    app.answer = wait
    began = time.monotonic()
    try:
        assert box.say("ana", "/hang status")["error"] == "operation_timeout"
        assert time.monotonic() - began >= 3
    finally:
        late.set()
    assert box.violations()[-1]["error"] == "operation_timeout"


def test_what_comes_twice_is_the_same_delivery_twice(box: Sandbox, app: App) -> None:
    box.fault("duplicate_envelope")
    assert box.say("ana", "/hang status")["ok"]
    first, second = app.sent(2)
    assert first.body == second.body


def test_a_url_that_does_not_answer_the_challenge_is_not_taken(box: Sandbox) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/slack/events"
    assert box.request_url(nowhere) == {"ok": False, "error": "nobody listens there"}
    for foreign in ("http://example.org:80/", "https://127.0.0.1:1/", "http://127.0.0.1/", "nonsense", 5):
        assert not box.post("request_url", url=foreign)["ok"]
    assert box.state()["request_url"] is None
    assert box.say("ana", "/hang status")["error"].startswith("dispatch_failed")


def test_it_goes_back_to_sockets(box: Sandbox, app: App) -> None:
    assert box.state()["connected"] == 1
    assert box.request_url(None)["ok"]
    assert box.state()["connected"] == 0
    assert box.say("ana", "/hang status")["error"].startswith("dispatch_failed")
    assert app.sent(0) == []
