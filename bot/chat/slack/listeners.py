"""What Slack delivers: acknowledged at once, then answered from a bounded pool, each delivery once."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Any

from slack_bolt import Ack, App, Respond

from bot.chat.slack import payloads
from bot.chat.slack.blocks import blocks, text
from bot.chat.slack.people import People
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused, Refusal
from bot.domain.invocations import Audience, Invocation, Reply
from bot.domain.messages import Message, Paragraph, say
from bot.flows import deliver, whispers
from bot.ports import Services
from bot.present import refusals

Payload = Mapping[str, Any]
Answer = Callable[[Invocation, Services], Reply]
Whisper = Callable[[Message], None]
MOST_WAITING, WORKERS = 200, 16
ANY = re.compile(".*")


class Listeners:
    """Registers with a bolt App and answers what comes in."""

    def __init__(
        self, services: Services, people: People, answer: Answer, welcome: Callable[[str], None]
    ) -> None:
        self._services, self._people, self._answer, self._welcome = services, people, answer, welcome
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answer")
        self._room = BoundedSemaphore(MOST_WAITING)

    def register(self, app: App) -> None:
        app.command("/hang")(self._command)
        app.action(ANY)(self._action)
        app.event("app_mention")(self._mention)
        app.event("message")(self._message)
        app.event("app_home_opened")(self._home)
        app.event(ANY)(_heard)  # else bolt leaves it unanswered, and Slack sends it again and again

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    # --- one method per kind of delivery

    def _command(self, ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        self._later(
            lambda: self._asked(payloads.from_command, body, body.get("user_id"), _by(respond)), _by(respond)
        )

    def _action(self, ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        user = (body.get("user") or {}).get("id")
        self._later(lambda: self._asked(payloads.from_action, body, user, _by(respond)), _by(respond))

    def _mention(self, body: dict[str, Any]) -> None:
        event = body["event"]
        if event.get("bot_id") or not event.get("user"):
            return
        whisper = self._whisper(event["channel"], event["user"], event.get("thread_ts"))
        self._later(lambda: self._asked(payloads.from_mention, body, event["user"], whisper), whisper)

    def _message(self, body: dict[str, Any]) -> None:
        event = body["event"]
        if event.get("channel_type") == "im" and not event.get("subtype"):
            self._mention(body)

    def _home(self, body: dict[str, Any]) -> None:
        def open_home() -> None:
            if self._is_new(body):
                self._welcome(str(body["event"]["user"]))

        self._later(open_home, _to_nobody)

    # --- what they share

    def _later(self, work: Callable[[], None], whisper: Whisper) -> None:
        if not self._room.acquire(blocking=False):
            whisper(BUSY)
            return

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 — the last boundary: the person is told, the rest goes on
                self._services.telemetry.failure("answer failed", error)
                whisper(FAILED)
            finally:
                self._room.release()

        self._pool.submit(run)

    def _asked(self, read: Callable[..., Invocation], body: Payload, user: object, whisper: Whisper) -> None:
        if not isinstance(user, str) or not user or not self._is_new(body):
            return
        try:
            invocation = read(body, self._people.actor(user), now=self._services.clock.now())
            invocation = replace(invocation, place=self._people.place(invocation.channel))
        except Refusal as refusal:
            whisper(refusals.message(refusal))
            return
        reply = self._answer(invocation, self._services)
        if reply.message is None:
            return
        if reply.audience is Audience.CHANNEL:
            deliver.say_in_channel(self._services, invocation, reply.message)
        else:
            whispers.hand(self._services, invocation.actor.id, reply.message, show=whisper)

    def _is_new(self, body: Payload) -> bool:
        """Return whether this delivery comes for the first time: Slack repeats what it thinks was not heard."""
        key = f"slack:{payloads.delivery(body)}"
        return self._services.store.first_time(key, now=self._services.clock.now())

    def _whisper(self, channel: str, user: str, thread_ts: str | None) -> Whisper:
        def whisper(message: Message) -> None:
            try:
                self._services.chat.whisper(channel, user, message, thread_ts=thread_ts)
            except (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused) as error:
                self._services.telemetry.failure("whisper lost", error)

        return whisper


def _by(respond: Respond) -> Whisper:
    """Whisper through the delivery's own address: it works in channels where the bot is not."""

    def whisper(message: Message) -> None:
        respond(
            text=text(message),
            blocks=blocks(message, version="w"),
            response_type="ephemeral",
            replace_original=False,
        )

    return whisper


def _heard() -> None:
    """Acknowledge an event that concerns nobody here."""


def _to_nobody(message: Message) -> None:
    del message  # opening a tab is no question


def _plain(sentence: str) -> Message:
    return Message(text=sentence, sections=(Paragraph(line=say(sentence)),))


BUSY = _plain("I am busy with 200 other requests. Try again in a minute.")
FAILED = _plain(
    "That failed on my side, and it is in my log. Try again; the command line works too: hangbot --help."
)
