"""A real outbox and a real sender against a real sandbox, each test in a channel of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.chat.slack.send import SlackOut, make_client
from bot.domain.messages import Message, Metadata, Notification, Operation, Paragraph, say
from bot.domain.settings import Settings
from bot.domain.targets import Fleet
from bot.flows.deliver import Crash, deliver_due, nothing
from bot.ports import ChatOut, Clock, Services, Store
from tests.clocks import HandClock, QuietTelemetry, RealClock
from tests.flows.watch.night import CountedIds
from tests.sandbox_process import BOT_TOKEN, Sandbox

CHANNELS = 60
MEMBERS = ["ana"]


def workspace() -> dict[str, Any]:
    """Return a sandbox's setup with channels enough for a module of tests."""
    rooms = [{"id": channel_id(number), "name": f"t{number:02}"} for number in range(CHANNELS)]
    return {"channels": [{"id": "C0OPS", "name": "ops"}, *rooms]}


def channel_id(number: int) -> str:
    return f"C0T{number:02}"


def channels() -> Iterator[str]:
    return (channel_id(number) for number in range(CHANNELS))


def an_hour_ago() -> datetime:
    """Start hand-set clocks here: they may go on, and never come to be ahead of the sandbox's own."""
    return RealClock().now() - timedelta(hours=1)


class NoHosts:
    def get(self, name: str) -> Any:
        raise KeyError(name)

    def close(self) -> None: ...


@dataclass(kw_only=True)
class Stage:
    """The outbox, its worker, and what the channel shows."""

    sandbox: Sandbox
    store: Store
    channel: str
    clock: Clock
    telemetry: QuietTelemetry
    chat: ChatOut

    @property
    def services(self) -> Services:
        return Services(
            settings=Settings(fleet=Fleet(hosts={}, services={}), channel=self.channel),
            clock=self.clock,
            ids=CountedIds(),
            hosts=NoHosts(),
            store=self.store,
            chat=self.chat,
            telemetry=self.telemetry,
        )

    def put(
        self,
        text: str,
        operation: Operation = Operation.POST,
        *,
        subject: str = "alert:alr_1",
        channel: str = "",
        thread_ts: str | None = None,
        priority: int = 5,
    ) -> str:
        """Queue a message of this text, with an id made of it; return the id."""
        identity = f"out_{self.channel}_{text}".replace(" ", "_")
        metadata = Metadata(event_type="hangbot_alert", payload={"id": subject})
        notification = Notification(
            id=identity,
            subject=subject,
            operation=operation,
            message=Message(text=text, sections=(Paragraph(line=say(text)),), metadata=metadata),
            created_at=self.clock.now(),
            channel=channel,
            thread_ts=thread_ts,
            priority=priority,
        )
        self.store.commit(notifications=[notification])
        return identity

    def deliver(self, *, worker: str = "w1", crash: Crash = nothing) -> int:
        return deliver_due(self.services, worker=worker, crash=crash)

    def later(self, seconds: float) -> int:
        """Let the hand-set clock go on, and deliver what is due then."""
        assert isinstance(self.clock, HandClock)
        self.clock.go_on(seconds)
        return self.deliver()

    def drain(self, *, steps: int = 12, seconds: float = 16.0) -> None:
        """Deliver until nothing waits."""
        for _ in range(steps):
            if not self.store.pending_notifications():
                return
            self.later(seconds)
        raise AssertionError(
            f"{self.store.pending_notifications()} rows wait: {self.telemetry.failures[-3:]}"
        )

    def messages(self) -> list[dict[str, Any]]:
        shown = self.sandbox.messages(self.channel)
        return [message for message in shown if message.get("subtype") != "tombstone"]

    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages()]

    def threads(self) -> list[tuple[str, list[str]]]:
        """Return each message with its replies."""
        return [(one["text"], [reply["text"] for reply in one["replies"]]) for one in self.messages()]


def stage(sandbox: Sandbox, store: Store, channel: str, *, real_time: bool = False) -> Stage:
    return Stage(
        sandbox=sandbox,
        store=store,
        channel=channel,
        clock=RealClock() if real_time else HandClock(an_hour_ago()),
        telemetry=QuietTelemetry(),
        chat=SlackOut(make_client(BOT_TOKEN, sandbox.api_url)),
    )
