"""A JSON document to an address of the config, for whatever a team pages with."""

from bot.domain.messages import Message
from bot.domain.routes import PageEvent
from bot.pages.calling import post
from bot.pages.texts import details

KEPT = ("id", "status", "alert", "host", "service", "severity", "since")


class Webhook:
    """Fulfils ports.Pager. `Idempotency-Key` is the same where the same is handed in again."""

    def __init__(self, url: str) -> None:
        self._url = url

    def page(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> None:
        told = message.metadata.payload if message.metadata else {}
        document: dict[str, object] = {
            "event": event.value,
            "text": message.text,
            "details": details(message),
            "outbox": outbox,
            **{name: told.get(name) for name in KEPT},
            "id": key,
        }
        post(self._url, document, headers={"Idempotency-Key": outbox})
