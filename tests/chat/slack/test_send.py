"""What the sender makes of a message, and of whatever answer it gets."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.chat.slack import send
from bot.chat.slack.send import SlackOut, make_client
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatError, ChatRefused
from bot.domain.messages import Attachment, CodeBlock, CodeLine, Message, Metadata, Paragraph, Posted, say
from tests.clocks import RealClock
from tests.hosts.test_checks import certificate
from tests.sandbox_process import BOT_TOKEN, Sandbox
from tests.sshd import free_port


def a_message(text: str = "hello", **payload: Any) -> Message:
    metadata = Metadata(event_type="hangbot_inspection", payload={"id": "ins_1", **payload})
    return Message(text=text, sections=(Paragraph(line=say(text)),), metadata=metadata)


@pytest.fixture
def chat(sandbox: Sandbox) -> SlackOut:
    return SlackOut(make_client(BOT_TOKEN, sandbox.api_url))


def test_what_is_not_known_does_not_keep_a_message_from_being_said(
    sandbox: Sandbox, chat: SlackOut, room: str
) -> None:
    """Slack takes no null in metadata (docs.slack.dev/messaging/message-metadata)."""
    found = {"file": None, "line": None, "members": [{"id": "alr_1", "service": None}]}
    posted = chat.post(room, a_message(**found), outbox="out_1")
    payload = sandbox.messages(room)[0]["metadata"]["event_payload"]
    assert payload == {
        "id": "ins_1",
        "file": "",
        "line": "",
        "members": [{"id": "alr_1", "service": ""}],
        "outbox": "out_1",
    }
    chat.edit(posted, a_message("edited", service=None), outbox="out_2")
    assert sandbox.messages(room)[0]["text"] == "edited"
    assert sandbox.violations() == []


def test_metadata_that_is_too_large_gives_way_to_the_id_alone(
    sandbox: Sandbox, chat: SlackOut, room: str
) -> None:
    chat.post(room, a_message(members=["alr_" + "x" * 40] * 600), outbox="out_1")
    payload = sandbox.messages(room)[0]["metadata"]["event_payload"]
    assert payload == {"id": "ins_1", "outbox": "out_1"}


def test_what_was_said_has_an_address(chat: SlackOut, room: str) -> None:
    posted = chat.post(room, Message(text="hello"), outbox="out_link")
    assert chat.link(posted).endswith(f"/archives/{posted.channel}/p{posted.ts.replace('.', '')}")
    with pytest.raises(ChatRefused):
        chat.link(Posted(channel=posted.channel, ts="1.000001"))


def test_a_message_is_found_again_by_its_id_in_its_channel_and_in_its_thread(
    chat: SlackOut, room: str
) -> None:
    since = RealClock().now()
    root = chat.post(room, a_message("root"), outbox="out_1")
    reply = chat.post(room, a_message("reply"), outbox="out_2", thread_ts=root.ts)
    assert chat.find(room, outbox="out_1", since=since) == root
    assert chat.find(room, outbox="out_2", since=since, thread_ts=root.ts) == reply
    assert chat.find(room, outbox="out_3", since=since) is None


@pytest.mark.parametrize("off", [timedelta(hours=3), timedelta(days=-2)])
def test_it_is_found_again_by_a_bot_whose_clock_is_off(
    sandbox: Sandbox, room: str, off: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = RealClock().now() + off
    chat = SlackOut(make_client(BOT_TOKEN, sandbox.api_url), now=since.timestamp)
    root = chat.post(room, a_message("root"), outbox="out_1")
    reply = chat.post(room, a_message("reply"), outbox="out_2", thread_ts=root.ts)
    chat.post(room, a_message("what came after it"), outbox="out_3")
    monkeypatch.setattr(send, "PAGE", 1)
    assert chat.find(room, outbox="out_1", since=since) == root
    assert chat.find(room, outbox="out_2", since=since, thread_ts=root.ts) == reply


def test_no_more_of_a_channel_is_read_than_can_hold_it(sandbox: Sandbox, chat: SlackOut, room: str) -> None:
    """A message that was tried just now is not looked for among those of last week."""
    pages = []

    def counted(method: Callable[..., object], **asked: object) -> object:
        found = heard(method, **asked)
        pages.append(asked.get("cursor"))
        return found

    for number in range(3):
        chat.post(room, a_message(f"message {number}"), outbox=f"out_{number}")
    heard, chat._heard = chat._heard, counted  # type: ignore[method-assign,assignment]
    tried = RealClock().now() + timedelta(seconds=send.CLOCK_SLACK_S + 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(send, "PAGE", 1)
        assert chat.find(room, outbox="out_0", since=tried) is None, "it was tried after all of these"
        assert len(pages) == 1
        assert chat.find(room, outbox="out_0", since=RealClock().now()) is not None
        assert len(pages) == 4


def test_a_file_is_a_step_of_its_own_and_in_doubt_it_is_looked_for(
    sandbox: Sandbox, chat: SlackOut, room: str
) -> None:
    file = Attachment(name="stacks.txt", content="…")
    root = chat.post(room, Message(text="stacks", attachment=file), outbox="out_1")
    sandbox.fault("error_500", method="files.getUploadURLExternal", count=1)
    with pytest.raises(ChatDoubtful):
        chat.attach(root, file)
    for _ in range(2):
        chat.attach(root, file, doubtful=True)
    (message,) = sandbox.messages(room)
    assert [file["name"] for reply in message["replies"] for file in reply["files"]] == ["stacks.txt"]


def test_a_channel_is_known_by_its_name_and_an_unknown_one_is_refused(sandbox: Sandbox) -> None:
    chat = SlackOut(make_client(BOT_TOKEN, sandbox.api_url))
    assert chat.channel_id("#ops") == "C0OPS"
    with pytest.raises(ChatRefused, match="channel_not_found"):
        chat.channel_id("#opps")


def test_foreign_code_of_any_length_is_said(sandbox: Sandbox, chat: SlackOut, room: str) -> None:
    before = len(sandbox.violations())
    lines = tuple(CodeLine(text="`" * 300 + "<!channel>\x00\x1b[31m", number=number) for number in range(90))
    chat.post(room, Message(text="x" * 9000, sections=(CodeBlock(lines=lines),) * 60), outbox="out_1")
    assert sandbox.messages(room)[0]["text"].startswith("xxx")
    assert sandbox.violations()[before:] == []


# --- answers


@contextmanager
def answering(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a server that answers every call alike; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            calls.append(self.path)

        def log_message(self, *args: object) -> None: ...

    calls: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LIMITED = json.dumps({"ok": False, "error": "ratelimited"}).encode()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 30.0), ("abc", 30.0), ("", 30.0), ("nan", 30.0), ("-5", 1.0), ("0", 1.0), ("1.5", 1.5), ("7", 7.0),
        ("86400", 300.0), ("inf", 300.0), ("9" * 400, 300.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("body", [LIMITED, b"slow down", b""])
def test_however_the_limit_is_told_the_wait_is_one_to_three_hundred_seconds(
    header: str | None, seconds: float, body: bytes
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    with answering(429, body, headers) as url, pytest.raises(ChatBusy) as raised:
        SlackOut(make_client(BOT_TOKEN, url)).post("C1", a_message(), outbox="out_1")
    assert raised.value.retry_after_s == seconds


def test_while_the_chat_wants_us_to_wait_it_is_not_asked_again(sandbox: Sandbox, room: str) -> None:
    chat = SlackOut(make_client(BOT_TOKEN, sandbox.api_url))
    sandbox.fault("rate_limit", count=1, seconds=3, method="chat.postMessage")
    for _ in range(3):
        with pytest.raises(ChatBusy):
            chat.post(room, a_message(), outbox="out_1")
    sandbox.heal()
    with pytest.raises(ChatBusy) as raised:
        chat.post(room, a_message(), outbox="out_1")
    assert 0 < raised.value.retry_after_s <= 3


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (200, b"<!DOCTYPE html><title>We will be right back", ChatDoubtful),
        (200, b"", ChatDoubtful),
        (200, b"{}", ChatDoubtful),
        (200, b"[]", ChatDoubtful),
        (200, b"null", ChatDoubtful),
        (200, b'{"ok": true', ChatDoubtful),
        (200, b'{"ok": true}', ChatDoubtful),
        (200, b"\xff\xfe\x00", ChatDoubtful),
        (200, b'{"ok": false, "error": "internal_error"}', ChatDoubtful),
        (200, b'{"ok": false, "error": 5}', ChatDoubtful),
        (200, b'{"ok": false}', ChatDoubtful),
        (500, b"upstream error", ChatDoubtful),
        (503, b'{"ok": false, "error": "service_unavailable"}', ChatDoubtful),
        (502, b"", ChatDoubtful),
        (407, b"proxy", ChatDoubtful),
        (200, b'{"ok": false, "error": "token_revoked"}', ChatClosed),
        (200, b'{"ok": false, "error": "account_inactive"}', ChatClosed),
        (200, b'{"ok": false, "error": "is_archived"}', ChatRefused),
        (200, b'{"ok": false, "error": "never_heard_of"}', ChatRefused),
    ],
)
def test_every_answer_becomes_one_of_four_errors(status: int, body: bytes, raised: type[ChatError]) -> None:
    with answering(status, body) as url, pytest.raises(ChatError) as error:
        SlackOut(make_client(BOT_TOKEN, url)).post("C1", a_message(), outbox="out_1")
    assert type(error.value) is raised


def test_where_nobody_listens_nothing_was_said() -> None:
    client = make_client(BOT_TOKEN, f"http://127.0.0.1:{free_port()}/api/")
    with pytest.raises(ChatBusy):
        SlackOut(client).post("C1", a_message(), outbox="out_1")


def test_a_name_that_is_not_found_is_a_doubt_of_its_own() -> None:
    with pytest.raises(ChatDoubtful) as error:
        SlackOut(make_client(BOT_TOKEN, "http://no-such-name.invalid/api/")).post(
            "C1", a_message(), outbox="o"
        )
    assert error.value.code == "connection"


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(tmp_path: Path) -> None:
    """As one that has run out, or a portal that stands in for the chat."""
    made, key = certificate(tmp_path, name="127.0.0.1", days=-1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def greet() -> None:
            with suppress(OSError):
                context.wrap_socket(listener.accept()[0], server_side=True)

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(ChatDoubtful) as error:
            SlackOut(make_client(BOT_TOKEN, f"https://127.0.0.1:{port}/api/")).post(
                "C1", a_message(), outbox="o"
            )
    assert "certificate" in str(error.value).lower()
