"""An act on a host that may hurt: a saved plan, who said yes to it, and what became of it. Each is done once at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.clues import Clue
from bot.domain.targets import Target


class ActionStatus(StrEnum):
    PREPARING = "preparing"  # the evidence is being stored
    PROPOSED = "proposed"  # waits for a yes
    APPROVED = "approved"  # has its yes; nothing was sent
    SENT = "sent"  # may be under way or over: never sent again, only looked at
    WATCHED = "watched"  # the service answers again, and is watched for a while
    # and the ends
    HELD = "held"  # answered for as long as it was watched
    RELAPSED = "relapsed"  # answered, and fell silent again while it was watched
    NOT_VERIFIED = "not_verified"  # done, and the service does not answer
    UNKNOWN = "unknown"  # nobody can tell whether it was done
    NOT_DONE = "not_done"  # nothing was done; `reason` says why
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OVER = (
    ActionStatus.HELD, ActionStatus.RELAPSED, ActionStatus.NOT_VERIFIED, ActionStatus.UNKNOWN, ActionStatus.NOT_DONE,
    ActionStatus.CANCELLED, ActionStatus.EXPIRED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A yes: whose, when, and the groups they were of."""

    by: str
    name: str
    at: datetime
    local: bool = False
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What tells one run of a service from the next. `boot` and `invocation` are the host's boot id and systemd's
    InvocationID; `pids` its processes, each with its start time in clock ticks since boot; `state`, `sub`, `load` and
    `restarts` are systemd's. `uptime_s` is the host's own clock, `booted_at` when that began (seconds since 1970).
    """

    boot: str = ""
    uptime_s: float = 0.0
    booted_at: int = 0
    invocation: str = ""
    main_pid: int | None = None
    pids: Mapping[int, int] = field(default_factory=dict)
    state: str = ""
    sub: str = ""
    load: str = ""
    restarts: int = 0
    queued: bool = False
    """Whether systemd has a job for the unit that is not done."""
    running: bool = False
    """Whether the command that we sent still runs there."""

    @property
    def pid(self) -> int | None:
        """The process to name: systemd's main one, else the oldest."""
        return self.main_pid or (min(self.pids, key=lambda pid: self.pids[pid]) if self.pids else None)


@dataclass(frozen=True, kw_only=True)
class Action:
    """One act, from the wish to its end. `version` is the store's, for conditional updates: 0 before it was stored.

    `command` is the argv that runs, as the config had it when it was asked for; `needed` how many must say yes.
    """

    id: str
    verb: str
    target: Target
    remedy: str
    command: tuple[str, ...]
    asked: Approval
    """Who asked, and when; no yes by itself."""
    needed: int = 1
    expires_at: datetime
    status: ActionStatus
    job: str = ""
    """The job that takes it on; another one that holds it is stale."""
    approvals: tuple[Approval, ...] = ()
    hurried: bool = False
    """Whether who asked would not wait for the evidence."""
    inspection: str = ""
    """Where the evidence is that was stored before."""
    no_evidence: Clue | None = None
    """Why there is none."""
    alert: str = ""
    channel: str = ""
    thread_ts: str | None = None
    line: str = ""
    """What was typed."""
    told: bool = False
    """Whether its message was queued."""
    usual_s: tuple[float, ...] = ()
    """How long the service was away the last times, newest first."""
    before: Standing | None = None
    after: Standing | None = None
    sent_at: datetime | None = None
    done_at: datetime | None = None
    """When the command came back."""
    exit: int | None = None
    output: str = ""
    """The command's last words, redacted."""
    lost: Clue | None = None
    """Why it is not known from the command itself whether it was done."""
    unsure_at: datetime | None = None
    """Since when the host cannot be asked what became of it."""
    unseen_looks: int = 0
    """How many in a row got no answer from the host."""
    waits_since: datetime | None = None
    """Since when its first answer is waited for; what nobody looked at does not count."""
    answered_at: datetime | None = None
    look: str = ""
    """What the fresh stacks look like once it answers again: `idle`, `slow_progress` … or empty."""
    watch_until: datetime | None = None
    bad_looks: int = 0
    fell_at: datetime | None = None
    """The first of the bad looks in a row."""
    ended_at: datetime | None = None
    reason: Clue | None = None
    again: str = ""
    """The inspection that was made when it did not help, or did not last."""
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        return f"action:{self.id}"

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def down_s(self) -> float | None:
        """How long the service was away: from the sending to the first answer."""
        if self.sent_at is None or self.answered_at is None:
            return None
        return round((self.answered_at - self.sent_at).total_seconds(), 1)
