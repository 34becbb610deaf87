"""PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2/overview"""

from bot.domain.messages import Message
from bot.domain.routes import PageEvent
from bot.pages.calling import post
from bot.pages.texts import details

URL = "https://events.pagerduty.com/v2/enqueue"
LONGEST_SUMMARY, LONGEST_KEY = 1024, 255


class PagerDuty:
    """Fulfils ports.Pager. What has one `key` is one incident there, however often it is handed in."""

    def __init__(self, routing_key: str, url: str = "") -> None:
        self._routing_key, self._url = routing_key, url or URL

    def page(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> None:
        told = message.metadata.payload if message.metadata else {}
        document: dict[str, object] = {
            "routing_key": self._routing_key,
            "event_action": event.value,
            "dedup_key": key[:LONGEST_KEY],
        }
        if event is PageEvent.TRIGGER:
            document["client"] = "hangbot"
            document["payload"] = {
                "summary": message.text[:LONGEST_SUMMARY],
                "source": told.get("host") or "hangbot",
                "severity": told.get("severity") or "critical",
                "component": told.get("service") or told.get("host") or "",
                "class": told.get("alert") or "",
                "custom_details": {"details": details(message), "id": key, "outbox": outbox},
            }
        post(self._url, document)
