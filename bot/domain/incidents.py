"""An incident: what is wrong since when, which alerts and targets belong to it, and when it was over."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.targets import Target


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
