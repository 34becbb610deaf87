"""An alert's life, and what holds its telling back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.clues import Clue
from bot.domain.targets import Target

REOPEN_WITHIN = timedelta(minutes=15)
ACKNOWLEDGED_FOR = timedelta(hours=4)


class AlertStatus(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"


class Worth(StrEnum):
    """Whether it was worth being told."""

    UNSAID = ""
    REAL = "real"
    NOISE = "noise"


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
class Mending:
    """Who did what to the target, in the episode that then ended. `by` is an actor id."""

    verb: str
    by: str
    name: str


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
    turned_at: datetime | None = None
    """The first bad round of the run that made it pending, or the first good one of the run that is ending it."""
    last_bad_at: datetime | None = None
    last_good_at: datetime | None = None
    last_answer_ms: float | None = None
    reasons: tuple[Clue, ...] = ()
    told: bool = False
    """Whether an opening message was queued: only then is the end told."""
    owed: bool = False
    """Whether something worth telling was held back by a silence since."""
    window: str = ""
    """Of a rule that counts bad rounds among the last ones: how those were, `1` bad, oldest first."""
    relapses: tuple[datetime, ...] = ()
    """When it came back within the last hour, after it was over."""
    flapping: bool = False
    """Whether it comes and goes so often that only its settling is told."""
    runbook: str = ""
    """What to read first, as its rule says."""
    worth: Worth = Worth.UNSAID
    """What somebody said of it once it was over; `worth_name` is their name."""
    worth_name: str = ""
    origin: str = ""
    """Who judges it where we do not: `alertmanager`."""
    group: str = ""
    """The id of the group it is told in, with others of its kind; empty: it has a message of its own."""
    paged: bool = False
    """Whether somebody was paged, who then is told of the end too."""
    acknowledged: Acknowledgement | None = None
    culprit: Culprit | None = None
    looked_at: tuple[str, ...] = ()
    """In a storm this one was not looked at by ourselves: these were."""
    mended: Mending | None = None
    """The act that came before its end, if any."""
    incident: str = ""
    """The key (INC-12) of the incident it belongs to, if any."""
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        """What the outbox calls the message that tells of it."""
        return f"group:{self.group}" if self.group else f"alert:{self.id}"

    @property
    def suspect(self) -> int | None:
        """Return the process that its reason names, if it names one."""
        pid = self.reasons[0].facts.get("pid") if self.reasons else None
        return pid if isinstance(pid, int) else None


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Holds back telling, never judging: of whatever all of it is true.

    `host` is a name or a pattern such as `web*`, empty for all; `service` None: the host and all its services; `rule`
    empty: all rules; `labels` are those of the host. `by` is an actor's id, `event` the one from outside that made it (a
    deploy), if one did.
    """

    id: str
    host: str
    service: str | None
    by: str
    name: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    rule: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    event: str = ""


# --- how it moves


class Change(StrEnum):
    """What a round did to an alert. Those from FIRED on are news; the others only move it on."""

    NONE = "none"
    OPENED = "opened"  # first bad round, pending
    COUNTED = "counted"  # one more round of pending or recovering
    CLEARED = "cleared"  # pending, and good again before it fired
    RECOVERING = "recovering"
    RELAPSED = "relapsed"  # recovering, and bad again
    FIRED = "fired"
    REOPENED = "reopened"  # bad again within REOPEN_WITHIN of its end
    FLAPS = "flaps"  # reopened once too often: from here on only its settling is told
    SETTLED = "settled"  # it flapped, and now stays bad
    WORSENED = "worsened"  # a higher severity
    RENAMED = "renamed"  # still bad, for another reason
    ACK_EXPIRED = "ack_expired"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class Transition:
    before: Alert | None
    after: Alert | None
    """None: there is no alert, and nothing to store."""
    change: Change


def is_acknowledged(alert: Alert, *, now: datetime) -> bool:
    return alert.acknowledged is not None and alert.acknowledged.until > now


def shown_status(alert: Alert, *, now: datetime) -> str:
    """Return the status that a message's metadata carries: `firing`, `acknowledged` or `resolved`."""
    if alert.status in (AlertStatus.RESOLVED, AlertStatus.INACTIVE):
        return "resolved"
    return "acknowledged" if is_acknowledged(alert, now=now) else "firing"


def acknowledged(alert: Alert, *, by: str, name: str, now: datetime) -> Alert:
    """Return the alert acknowledged for ACKNOWLEDGED_FOR from now; again by anybody renews it."""
    mark = Acknowledgement(by=by, name=name, at=now, until=now + ACKNOWLEDGED_FOR)
    return replace(alert, acknowledged=mark, updated_at=now)


def ended(alert: Alert, *, now: datetime) -> Alert:
    """Return an alert that is over now, whatever our own rounds say."""
    return replace(
        alert,
        status=AlertStatus.RESOLVED,
        resolved_at=now,
        turned_at=now,
        held_s=0.0,
        owed=False,
        updated_at=now,
    )


def silence_covers(silence: Silence, alert: Alert, *, labels: Mapping[str, str], now: datetime) -> bool:
    """Return whether a silence holds an alert back now; `labels` are those of its host."""
    if not silence.starts_at <= now < silence.ends_at:
        return False
    target = alert.target
    return (
        fnmatchcase(target.host, silence.host or "*")
        and silence.service in (None, target.service)
        and silence.rule in ("", alert.rule)
        and all(labels.get(key) == value for key, value in silence.labels.items())
    )
