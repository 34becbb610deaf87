"""What those who were paged answer where they were paged.

PagerDuty's webhooks, version 3: https://developer.pagerduty.com/docs/webhooks-overview
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.outside import BadDocument, clean, moment

ACKNOWLEDGED = "incident.acknowledged"
PERSON = "user"
LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class PageAnswer:
    """Somebody looks after what they were paged for. `key` is that of the page: an alert's id, or a group's; `by` and `name`
    are theirs, `at` when they said so.
    """

    at: datetime
    key: str
    by: str
    name: str


def read_pagerduty(document: object, *, now: datetime) -> PageAnswer | None:
    """Read one of PagerDuty's events; None where nobody says that they look after something. Raises BadDocument.

    What comes of an integration instead of a person is none: our own acknowledgements come back that way.
    """
    event = document.get("event") if isinstance(document, Mapping) else None
    if not isinstance(event, Mapping):
        raise BadDocument("send PagerDuty's webhooks of version 3: an object with `event`")
    agent, incident = event.get("agent"), event.get("data")
    if event.get("event_type") != ACKNOWLEDGED or not isinstance(agent, Mapping):
        return None
    if not isinstance(incident, Mapping):
        raise BadDocument("`event.data` is an incident")
    key, by = incident.get("incident_key"), agent.get("id")
    if not str(agent.get("type") or "").startswith(PERSON) or not isinstance(key, str) or not by:
        return None
    name = clean(str(agent.get("summary") or by), LONGEST)
    return PageAnswer(
        at=moment(event.get("occurred_at")) or now,
        key=key,
        by=f"pagerduty:{clean(str(by), LONGEST)}",
        name=f"{name} (PagerDuty)",
    )
