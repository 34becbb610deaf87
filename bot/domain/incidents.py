"""An incident: what is wrong since when, which alerts and targets belong to it, and when it was over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.alerts import Alert
from bot.domain.targets import Target

KEY = re.compile(r"#?(?:inc(?:ident)?[-_ ]?)?#?([0-9]{1,6})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Incident:
    """`number` is the one people say (INC-12), counted up by the store; `since` the first bad sample that belongs to it,
    else when it was opened. `version` is the store's, for conditional updates: 0 before it was stored.
    """

    id: str
    number: int
    title: str
    opened_by: str
    opened_name: str
    opened_at: datetime
    since: datetime
    targets: tuple[Target, ...] = ()
    alerts: tuple[str, ...] = ()
    channel: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolved_name: str = ""
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        return f"incident:{self.id}"

    @property
    def key(self) -> str:
        return f"INC-{self.number}"

    @property
    def open(self) -> bool:
        return self.resolved_at is None


def covers(incident: Incident, target: Target | None) -> bool:
    """Whether a target is one of the incident's; a host stands for all on it, and what befalls a host befalls all on it."""
    if target is None:
        return False
    return any(
        one == target or (one.host == target.host and None in (one.service, target.service))
        for one in incident.targets
    )


def joined(incident: Incident, alerts: Sequence[Alert]) -> Incident:
    """Return the incident with these alerts in it; it began when the earliest of them did."""
    for alert in alerts:
        targets = incident.targets if covers(incident, alert.target) else (*incident.targets, alert.target)
        ids = tuple(dict.fromkeys((*incident.alerts, alert.id)))
        since = min(incident.since, alert.since or incident.since)
        incident = replace(incident, alerts=ids, targets=targets, since=since)
    return incident


def number_in(word: str) -> int | None:
    """Return the number in `INC-12`, `inc12`, `#12` or `12`; None where it is no such word."""
    found = KEY.fullmatch(word)
    return int(found[1]) if found else None
