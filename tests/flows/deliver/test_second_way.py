"""What the chat does not take goes a second way, and says so; what nobody could be paged with is told in the chat."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.errors import ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.messages import Message, Metadata, Notification, Operation
from bot.domain.routes import OnCall, PageEvent, PagePath, Paging
from bot.domain.targets import Target
from bot.flows import paging
from bot.flows.deliver import deliver_due
from bot.ports import Services
from tests.clocks import HandClock
from tests.flows.deliver.stage import Stage

SHOP = Target(host="web1", service="shop")


class Taken:
    """A way to page that takes everything, or raises what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.error: Exception | None = None

    def page(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> None:
        del event, key, outbox
        if self.error:
            raise self.error
        self.messages.append(message)


class Night:
    """One critical alert, a stage to say it on, and a webhook to page with."""

    def __init__(self, stage: Stage, *, paged: bool = False, paths: bool = True) -> None:
        self.stage, self.webhook = stage, Taken()
        now = stage.clock.now()
        self.alert = Alert(
            id="alr_1",
            rule="service_silent",
            target=SHOP,
            status=AlertStatus.FIRING,
            severity=Severity.CRITICAL,
            since=now,
            fired_at=now,
            told=True,
            paged=paged,
            updated_at=now,
        )
        stage.store.commit(alerts=[self.alert])
        self.services: Services = stage.services
        self.services.settings = replace(
            self.services.settings,
            paging=Paging(webhook="https://example.org/hook") if paths else Paging(),
            teams={"default": OnCall(users=("U0ANA0000",))},
        )
        self.services.pagers = {PagePath.WEBHOOK: self.webhook}

    def post(self, *, channel: str = "", priority: int = 1) -> None:
        meta = Metadata(event_type="hangbot_alert", payload={"id": "alr_1"})
        self.stage.store.commit(
            notifications=[
                Notification(
                    id=f"out_{self.stage.channel}_one",
                    subject="alert:alr_1",
                    operation=Operation.POST,
                    message=Message(text="CRITICAL shop", metadata=meta),
                    created_at=self.stage.clock.now(),
                    channel=channel or self.stage.channel,
                    priority=priority,
                )
            ]
        )

    def try_for(self, seconds: float, *, every: float = 5.0) -> None:
        assert isinstance(self.stage.clock, HandClock)
        for _ in range(int(seconds / every) + 1):
            deliver_due(self.services, worker="w1")
            deliver_due(self.services, worker="w1", paging=True)
            self.stage.clock.go_on(every)


def test_a_chat_that_is_closed_to_us_is_got_round_at_once_and_once(out: Stage) -> None:
    played = Night(out)
    out.sandbox.fault("invalid_auth")
    played.post()
    played.try_for(120)
    (page,) = played.webhook.messages
    assert page.text.startswith("CRITICAL shop on web1")
    said = page.sections[0]
    assert "invalid_auth" in str(said)
    out.sandbox.heal()
    played.try_for(60)
    assert out.texts() == ["CRITICAL shop"], "and what waited is said all the same"
    assert len(played.webhook.messages) == 1
    told = stage_alert(played)
    assert told.paged, "so that its end is paged too"


def stage_alert(played: Night) -> Alert:
    found = played.stage.store.alert("alr_1")
    assert found is not None
    return found


@pytest.mark.parametrize("fault", ["rate_limit", "error_500", "html"])
def test_a_chat_that_only_takes_its_time_is_waited_for_a_minute(out: Stage, fault: str) -> None:
    played = Night(out)
    out.sandbox.fault(fault, **({"seconds": 300} if fault == "rate_limit" else {}))
    played.post()
    played.try_for(50)
    assert played.webhook.messages == []
    played.try_for(70)
    assert len(played.webhook.messages) == 1


def test_who_was_paged_is_not_paged_again_and_a_warning_waits(out: Stage) -> None:
    played = Night(out, paged=True)
    out.sandbox.fault("invalid_auth")
    played.post()
    played.try_for(120)
    assert played.webhook.messages == []


def test_a_warning_waits_for_the_chat(out: Stage) -> None:
    played = Night(out)
    out.sandbox.fault("invalid_auth")
    played.post(priority=3)
    played.try_for(120)
    assert played.webhook.messages == []


def test_an_alert_whose_channel_is_gone_goes_to_who_is_on_call_in_direct_messages(out: Stage) -> None:
    played = Night(out, paths=False)
    played.services.settings = replace(played.services.settings, channel="C0GONE")
    played.post(channel="C0GONE")
    played.try_for(30)
    shown = [
        message
        for channel in out.sandbox.state()["channels"]
        if channel["id"].startswith("D")
        for message in channel["messages"]
        if message["text"] == "CRITICAL shop"
    ]
    assert len(shown) == 1
    assert "Meant for" in str(shown[0]["blocks"])
    assert out.store.pending_notifications() == 0


def test_in_doubt_a_direct_message_is_looked_for_before_it_is_said_again(out: Stage) -> None:
    played = Night(out, paths=False)
    played.services.settings = replace(played.services.settings, channel="C0GONE2")
    played.post(channel="C0GONE2")
    out.sandbox.fault("store_then_drop", method="chat.postMessage", count=2)
    played.try_for(60)
    shown = [
        message
        for channel in out.sandbox.state()["channels"]
        if channel["id"].startswith("D")
        for message in channel["messages"]
        if (message.get("metadata") or {}).get("event_payload", {}).get("outbox") == f"out_{out.channel}_one"
    ]
    assert len(shown) == 1


# --- pages that do not go out


@pytest.mark.parametrize(
    ("error", "at_once"),
    [
        (ChatRefused("http_400", "no such routing key"), True),
        (ChatClosed("http_403"), True),
        (ChatDoubtful("http_503"), False),
    ],
)
def test_what_nobody_could_be_paged_with_is_told_in_the_alerts_thread_once(
    out: Stage, error: Exception, at_once: bool
) -> None:
    played = Night(out, paged=True)
    played.post()
    played.webhook.error = error
    now = out.clock.now()
    out.store.commit(notifications=paging.pages(played.alert, PageEvent.TRIGGER, played.services, now=now))
    played.try_for(20)
    told = "Nobody has been paged by the webhook yet"
    assert [told in text for _, replies in out.threads() for text in replies] == [True] * at_once
    played.try_for(200)
    (thread,) = out.threads()
    assert len(thread[1]) == 1
    assert told in thread[1][0]
    played.webhook.error = None
    played.try_for(90)
    refused = isinstance(error, ChatRefused)
    assert len(played.webhook.messages) == (0 if refused else 1), (
        "what is refused again and again is given up"
    )
    assert timedelta(0) <= out.clock.now() - now


def test_a_page_waits_for_nothing_in_the_chat(out: Stage) -> None:
    played = Night(out, paged=True)
    out.sandbox.fault("error_500")
    played.post()
    out.store.commit(
        notifications=paging.pages(played.alert, PageEvent.TRIGGER, played.services, now=out.clock.now())
    )
    played.try_for(1)
    assert len(played.webhook.messages) == 1
