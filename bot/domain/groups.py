"""Alerts of one kind that are told together: one message with a count, a list, and a common cause if there is one.

A group begins where many targets are in the same trouble at once, seen by how many wait to fire: so it is known before
the first of them is told, and nothing waits for it. Each member keeps its own row, its own state and its own end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from bot.domain.alerts import REOPEN_WITHIN, Alert, AlertStatus, Severity, Silence, Worth, is_acknowledged

MANY = 5
"""So many targets in the same trouble are one trouble."""
TOGETHER = timedelta(minutes=10)
"""What fires so soon after the last member of a group belongs to it."""
SOON, EARLY, RARELY = timedelta(seconds=10), timedelta(minutes=2), timedelta(seconds=60)
"""A group's message is edited every SOON at most, and RARELY once it is older than EARLY."""
STANDS = (AlertStatus.FIRING, AlertStatus.RECOVERING)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What alerts must have in common to be told together. A higher severity, or another service, is news of its own."""

    rule: str
    service: str | None
    severity: Severity
    channel: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """`said` tells apart what was said of it last, empty before anything was; `over_since`: since when all members are well.
    `version` is the store's, for conditional updates: 0 before it was ever stored.
    """

    id: str
    kind: Kind
    oncall: str
    """The name of its on-call team."""
    opened_at: datetime
    said: str = ""
    said_at: datetime | None = None
    """None where it is to be said anew at once."""
    newest_at: datetime | None = None
    """When the last of its members fired, as far as was said."""
    paged: bool = False
    over_since: datetime | None = None
    ended_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    @property
    def subject(self) -> str:
        return f"group:{self.id}"


class GroupChange(StrEnum):
    NONE = "none"
    OPENED = "opened"
    CHANGED = "changed"
    ALL_WELL = "all_well"
    AGAIN = "again"  # some are in trouble once more, after all were well
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the members of a group stand, each list oldest first."""

    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    acknowledged: bool
    """Whether somebody looks after all that fire."""
    silence: Silence | None = None
    """The one that holds all of them back, if one does."""

    @property
    def members(self) -> tuple[Alert, ...]:
        return (*self.firing, *self.resolved)

    @property
    def worth(self) -> tuple[Worth, str]:
        """What somebody said of all of it once it was over, and their name."""
        said = {(one.worth, one.worth_name) for one in self.members}
        return said.pop() if len(said) == 1 and not self.firing else (Worth.UNSAID, "")


def no_silence(alert: Alert) -> Silence | None:
    """Return the silence of an alert where there is none."""
    del alert
    return None


def kind_of(alert: Alert, channel: str) -> Kind:
    return Kind(rule=alert.rule, service=alert.target.service, severity=alert.severity, channel=channel)


def is_one_trouble(opening: Iterable[Alert], others: Iterable[Alert], *, now: datetime) -> bool:
    """Return whether alerts that are about to be told are part of one trouble: with those that wait to fire, or fired just
    now, of the same rule and service, they are many.
    """
    first = list(opening)
    same = {(one.rule, one.target.service) for one in first}
    targets = {one.target for one in first}
    for other in others:
        if (other.rule, other.target.service) in same and _is_fresh(other, now=now):
            targets.add(other.target)
    return len(targets) >= MANY


def _is_fresh(alert: Alert, *, now: datetime) -> bool:
    """Return whether it waits to be told, or was told alone just now."""
    if alert.status is AlertStatus.PENDING:
        return True
    return (
        not alert.group
        and alert.status in STANDS
        and alert.fired_at is not None
        and now - alert.fired_at <= TOGETHER
    )


def takes_in(group: Group, kind: Kind, *, now: datetime) -> bool:
    """Return whether a group takes in one more alert of this kind."""
    if group.ended_at is not None or group.kind != kind:
        return False
    return now - (group.newest_at or group.opened_at) <= TOGETHER


def is_due(group: Group, looked_at: datetime | None, *, now: datetime) -> bool:
    """Return whether a group is looked at again; `looked_at` is when it last was."""
    if group.said_at is None or looked_at is None:
        return True
    return now - looked_at >= _pause(group, now=now) or now < looked_at


def standing(
    members: Sequence[Alert], *, now: datetime, silence_of: Callable[[Alert], Silence | None] = no_silence
) -> Standing:
    """Return how the members stand; one that only waits to fire once more is over still."""
    ordered = sorted(members, key=lambda one: (one.since or one.updated_at, one.id))
    firing = tuple(one for one in ordered if one.status in STANDS)
    resolved = tuple(one for one in ordered if one.status not in STANDS)
    in_hand = bool(firing) and all(is_acknowledged(one, now=now) for one in firing)
    silences = [silence_of(one) for one in firing]
    silence = silences[0] if silences and all(silences) else None
    return Standing(firing=firing, resolved=resolved, acknowledged=in_hand, silence=silence)


def advance(group: Group, stands: Standing, *, now: datetime) -> tuple[Group, GroupChange]:
    """Return the group as it is now, and what is to be said of it: nothing where it is as it was said, or was said just now."""
    digest = _digest(stands)
    newest = max((one.fired_at for one in stands.members if one.fired_at), default=group.newest_at)
    said = replace(group, said=digest, said_at=now, newest_at=newest, updated_at=now)
    if not stands.firing:
        if group.over_since is None:
            over = replace(said, over_since=now)
            return (over, GroupChange.ALL_WELL) if group.said else (over, GroupChange.NONE)
        if now - group.over_since > REOPEN_WITHIN:
            return replace(group, ended_at=now, updated_at=now), GroupChange.ENDED
        return group, GroupChange.NONE
    if not group.said:
        return replace(said, over_since=None), GroupChange.OPENED
    if group.over_since is not None:
        return replace(said, over_since=None), GroupChange.AGAIN
    if digest == group.said or not _may_edit(group, now=now):
        return group, GroupChange.NONE
    return said, GroupChange.CHANGED


def _may_edit(group: Group, *, now: datetime) -> bool:
    return group.said_at is None or now - group.said_at >= _pause(group, now=now)


def _pause(group: Group, *, now: datetime) -> timedelta:
    return SOON if now - group.opened_at <= EARLY else RARELY


def _digest(stands: Standing) -> str:
    words = [
        f"{one.id}:{one.status in STANDS}:{one.culprit.inspection if one.culprit else ''}:{len(one.looked_at)}"
        for one in stands.members
    ]
    words.append(f"{stands.acknowledged}:{stands.silence.id if stands.silence else ''}")
    return blake2b("\0".join(words).encode(), digest_size=12).hexdigest()
