"""An alert's life, and what holds its telling back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.clues import Clue
from bot.domain.targets import Target


class AlertStatus(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    by: str
    """Actor id."""
    name: str
    at: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """The headline of the newest inspection, as an alert's card shows it."""

    inspection: str
    verdict: str
    cause: str
    confidence: float
    function: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One rule's state on one target.

    `since` is the first bad sample of this episode, `failures` how many followed each other.
    `version` is the store's, for conditional updates: 0 before it was ever stored.
    """

    id: str
    rule: str
    target: Target
    status: AlertStatus
    severity: Severity
    since: datetime | None = None
    failures: int = 0
    passes: int = 0
    held_s: float = 0.0
    """Seconds of bad (pending) or good (recovering) time seen so far; what nobody looked at does not count."""
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    last_bad_at: datetime | None = None
    last_good_at: datetime | None = None
    last_answer_ms: float | None = None
    reasons: tuple[Clue, ...] = ()
    told: bool = False
    """Whether an opening message was queued: only then is the end told."""
    owed: bool = False
    """Whether something worth telling was held back by a silence since."""
    acknowledged: Acknowledgement | None = None
    culprit: Culprit | None = None
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        return f"alert:{self.id}"


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Holds back telling, never judging. `service` None: the host and all its services."""

    id: str
    host: str
    service: str | None
    by: str
    name: str
    reason: str
    starts_at: datetime
    ends_at: datetime
