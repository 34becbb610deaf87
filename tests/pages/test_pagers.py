"""Every way to page, over real sockets: what it sends, and what becomes of each answer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatError, ChatRefused
from bot.domain.messages import Context, Message, Metadata, Paragraph, say
from bot.domain.routes import MailServer, PageEvent
from bot.pages import calling
from bot.pages import mail as mail_module
from bot.pages.mail import Mail
from bot.pages.pagerduty import PagerDuty
from bot.pages.webhook import Webhook
from tests.pages.receivers import Postbox, Receiver, http_receiver, mail_receiver

TOLD = {
    "id": "alr_1",
    "status": "firing",
    "alert": "service_silent",
    "host": "web1",
    "service": "shop",
    "severity": "critical",
    "since": "2026-11-24T02:58:10+00:00",
    "event": "trigger",
}
MESSAGE = Message(
    text="CRITICAL shop on web1 silent since 03:58.",
    sections=(Paragraph(line=say("It runs, but ", "asking it gets no answer.")), Context(line=say("alr_1"))),
    metadata=Metadata(event_type="hangbot_page", payload=TOLD),
)
TRIGGER, RESOLVE = PageEvent.TRIGGER, PageEvent.RESOLVE


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as one:
        yield one


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with mail_receiver() as one:
        yield one


def test_pagerduty_is_told_in_its_own_words(receiver: Receiver) -> None:
    pager = PagerDuty("R0UTINGKEY", receiver.url)
    pager.page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    pager.page(MESSAGE, event=RESOLVE, key="alr_1", outbox="out_2")
    trigger, resolve = receiver.got
    assert trigger == {
        "routing_key": "R0UTINGKEY",
        "event_action": "trigger",
        "dedup_key": "alr_1",
        "client": "hangbot",
        "payload": {
            "summary": MESSAGE.text,
            "source": "web1",
            "severity": "critical",
            "component": "shop",
            "class": "service_silent",
            "custom_details": {
                "details": "It runs, but asking it gets no answer.\nalr_1",
                "id": "alr_1",
                "outbox": "out_1",
            },
        },
    }
    assert resolve == {"routing_key": "R0UTINGKEY", "event_action": "resolve", "dedup_key": "alr_1"}


def test_a_summary_is_never_longer_than_pagerduty_takes(receiver: Receiver) -> None:
    long = replace(MESSAGE, text="x" * 3000)
    PagerDuty("R", receiver.url).page(long, event=TRIGGER, key="k" * 400, outbox="out_1")
    assert len(receiver.got[0]["payload"]["summary"]) == 1024
    assert len(receiver.got[0]["dedup_key"]) == 255


def test_a_webhook_gets_a_document_and_the_same_key_where_it_is_handed_in_again(receiver: Receiver) -> None:
    pager = Webhook(receiver.url)
    for _ in range(2):
        pager.page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    first, again = receiver.got
    assert first == again
    assert {name: first[name] for name in ("event", "id", "alert", "host", "service", "severity")} == {
        "event": "trigger",
        "id": "alr_1",
        "alert": "service_silent",
        "host": "web1",
        "service": "shop",
        "severity": "critical",
    }
    assert first["text"] == MESSAGE.text
    assert [one["Idempotency-Key"] for one in receiver.headers] == ["out_1", "out_1"]


ANSWERS = [
    (500, {}, ChatDoubtful, "http_500"),
    (503, {}, ChatDoubtful, "http_503"),
    (408, {}, ChatDoubtful, "http_408"),
    (400, {}, ChatRefused, "http_400"),
    (404, {}, ChatRefused, "http_404"),
    (401, {}, ChatClosed, "http_401"),
    (403, {}, ChatClosed, "http_403"),
    (429, {"Retry-After": "7"}, ChatBusy, "ratelimited"),
    (302, {"Location": "http://127.0.0.1:1/elsewhere"}, ChatRefused, "http_302"),
]


@pytest.mark.parametrize(("status", "headers", "kind", "code"), ANSWERS)
def test_every_answer_has_its_own_kind_of_error(
    receiver: Receiver, status: int, headers: dict[str, str], kind: type[ChatError], code: str
) -> None:
    receiver.answers = [(status, headers, 0.0)]
    with pytest.raises(kind) as caught:
        Webhook(receiver.url).page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    assert caught.value.code == code
    assert len(receiver.got) == 1, "no redirect is followed"


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7.0), ("0", 1.0), ("-5", 1.0), ("86400", 300.0), ("soon", 30.0)]
)
def test_how_long_to_wait_is_kept_within_bounds(receiver: Receiver, said: str, seconds: float) -> None:
    receiver.answers = [(429, {"Retry-After": said}, 0.0)]
    with pytest.raises(ChatBusy) as caught:
        Webhook(receiver.url).page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    assert caught.value.retry_after_s == seconds


def test_an_answer_that_does_not_come_is_in_doubt(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "WITHIN_S", 0.3)
    receiver.answers = [(202, {}, 1.5)]
    with pytest.raises(ChatDoubtful) as caught:
        Webhook(receiver.url).page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    assert caught.value.code == "timeout"


def test_nobody_there_is_in_doubt_and_no_proxy_of_the_environment_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", receiver.url)
    with pytest.raises(ChatDoubtful) as caught:
        Webhook("http://127.0.0.1:9/x").page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    assert caught.value.code == "unreachable"
    assert receiver.got == []


# --- mail


def mail(postbox: Postbox, *, user: str = "") -> Mail:
    server = MailServer(host="127.0.0.1", port=postbox.port, sender="hangbot@example.org", user=user)
    return Mail(server, ("ana@example.org", "ben@example.org"), password="secret")


def test_a_mail_says_it_in_its_subject_and_stands_in_one_thread(postbox: Postbox) -> None:
    mail(postbox).page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    mail(postbox).page(MESSAGE, event=RESOLVE, key="alr_1", outbox="out_2")
    first, second = postbox.mails
    assert first["Subject"] == MESSAGE.text
    assert postbox.to[0] == ["ana@example.org", "ben@example.org"]
    assert first["Message-ID"] == "<out_1@example.org>"
    assert first["References"] == second["References"] == "<alr_1@example.org>"
    assert first["X-Priority"] == "1"
    assert second["X-Priority"] is None
    assert "It runs, but asking it gets no answer." in str(first.get_payload())


def test_a_subject_with_line_breaks_adds_no_header(postbox: Postbox) -> None:
    evil = replace(MESSAGE, text="CRITICAL\r\nBcc: eve@example.org\nshop")
    mail(postbox).page(evil, event=TRIGGER, key="alr_1", outbox="out_1")
    assert postbox.mails[0]["Subject"] == "CRITICAL Bcc: eve@example.org shop"
    assert postbox.mails[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("said", "kind"), [("550 no such user", ChatRefused), ("451 try again later", ChatRefused)]
)
def test_a_recipient_that_is_refused(postbox: Postbox, said: str, kind: type[ChatError]) -> None:
    postbox.refuses = said
    with pytest.raises(kind):
        mail(postbox).page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    assert postbox.mails == []


def test_a_password_is_never_sent_in_the_clear(postbox: Postbox) -> None:
    with pytest.raises(ChatClosed) as caught:
        mail(postbox, user="hangbot").page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
    assert caught.value.code == "smtp_without_tls"
    assert postbox.mails == []


def test_a_mail_server_that_is_not_there_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "WITHIN_S", 1.0)
    gone = Mail(MailServer(host="127.0.0.1", port=9), ("ana@example.org",), password="")
    with pytest.raises(ChatDoubtful):
        gone.page(MESSAGE, event=TRIGGER, key="alr_1", outbox="out_1")
