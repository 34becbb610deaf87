"""ports.ChatOut where no chat is connected: what is queued stays queued for the bot that runs."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.errors import ChatClosed
from bot.domain.messages import Attachment, Message, Posted


class Unconnected:
    """Refuses everything: a command that ends in a moment leaves saying things to the bot that runs."""

    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        raise ChatClosed("not_connected")

    def attach(
        self, posted: Posted, attachment: Attachment, *, thread_ts: str | None = None, doubtful: bool = False
    ) -> None:
        raise ChatClosed("not_connected")

    def edit(self, posted: Posted, message: Message, *, outbox: str) -> None:
        raise ChatClosed("not_connected")

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        raise ChatClosed("not_connected")

    def link(self, posted: Posted) -> str:
        raise ChatClosed("not_connected")

    def find(
        self, channel: str, *, outbox: str, since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        raise ChatClosed("not_connected")

    def carried(self, channel: str, *, event_type: str, within_s: float) -> Mapping[str, str]:
        raise ChatClosed("not_connected")
