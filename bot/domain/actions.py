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
    """What tells one run of a service from the next. `invocation`: systemd's InvocationID; `pids` its processes,
    each with its start time in clock ticks since boot.
    """

    boot: str = ""
    invocation: str = ""
    main_pid: int | None = None
    pids: Mapping[int, int] = field(default_factory=dict)
    state: str = ""
    restarts: int = 0


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
    approvals: tuple[Approval, ...] = ()
    inspection: str = ""
    """Where the evidence is that was stored before."""
    no_evidence: Clue | None = None
    """Why there is none."""
    alert: str = ""
    channel: str = ""
    thread_ts: str | None = None
    line: str = ""
    """What was typed."""
    usual_s: tuple[float, ...] = ()
    """How long the service was away the last times, newest first."""
    before: Standing | None = None
    after: Standing | None = None
    sent_at: datetime | None = None
    exit: int | None = None
    output: str = ""
    """The command's last words, redacted."""
    answered_at: datetime | None = None
    watch_until: datetime | None = None
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
