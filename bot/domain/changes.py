"""What changed on a host of late, and what of it may be why a service fell silent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.clues import Clue, clue

AT_ONCE = timedelta(minutes=2)
"""What changed within such a time belongs together: one deploy, one run of a package manager."""
MANY = 8
"""So many files at once are no edit but a deploy."""
SOON = timedelta(hours=1)
"""A change tells within this time, or it tells little."""
MOST_NAMED = 2


class ChangeKind(StrEnum):
    CONFIG = "config"
    UNIT = "unit"
    PACKAGE = "package"
    DEPLOY = "deploy"
    CODE = "code"


RANK = tuple(ChangeKind)
"""Which of several changes of one minute is named first."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changed: a file by its path on the target, a package, or where a deploy points to.

    `before` and `after` are versions, commits or targets, either empty where there was or is none, or it is not known;
    `owner` is the package that a file belongs to, `count` how many there were of its kind at once. `used` is False for a
    package of the system of which the process has nothing loaded.
    """

    kind: ChangeKind
    name: str
    at: datetime
    before: str = ""
    after: str = ""
    owner: str = ""
    count: int = 1
    used: bool = True


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The last 24 hours, newest first. `restarts`: how often its unit was started again by itself.

    `not_reloaded`: its unit's files changed and the service manager has not read them since.
    """

    found: tuple[Change, ...] = ()
    restarts: int | None = None
    not_reloaded: bool = False
    active_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Wellness:
    """When a service was last seen well, and since when it is not, as far as anybody looked."""

    last_good_at: datetime | None = None
    bad_since: datetime | None = None


def gathered(changes: Iterable[Change], *, home: str = "") -> tuple[Change, ...]:
    """Return changes newest first, what was done in one go as one: many files are a deploy of `home`, and of several
    packages, or files of code, the first stands for all.
    """
    newest = sorted(changes, key=lambda one: (one.at, one.name), reverse=True)
    files = [
        one for one in newest if one.kind in (ChangeKind.CODE, ChangeKind.CONFIG) and _within(one.name, home)
    ]
    found = [one for one in newest if one not in files]
    for group in _groups(files):
        if len(group) >= MANY:
            found.append(replace(group[0], kind=ChangeKind.DEPLOY, name=home, owner="", count=len(group)))
        else:
            found += [one for one in group if one.kind is ChangeKind.CONFIG]
            found += _first([one for one in group if one.kind is ChangeKind.CODE])
    packages = [one for one in found if one.kind is ChangeKind.PACKAGE]
    found = [one for one in found if one.kind is not ChangeKind.PACKAGE]
    for group in _groups(packages):
        found += _first(group)
    return tuple(sorted(found, key=lambda one: (-one.at.timestamp(), RANK.index(one.kind), one.name)))


def _within(path: str, home: str) -> bool:
    return bool(home) and path.startswith(f"{home}/")


def _groups(changes: Sequence[Change]) -> list[list[Change]]:
    """Part changes, newest first, where nothing happened for a while."""
    groups: list[list[Change]] = []
    for one in changes:
        if groups and groups[-1][-1].at - one.at <= AT_ONCE:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _first(group: Sequence[Change]) -> list[Change]:
    """Return one for all: the newest of those that matter to the process."""
    first = next((one for one in group if one.used), group[0]) if group else None
    return [replace(first, count=len(group))] if first else []


# --- what may be why


def clues(
    changes: Changes, wellness: Wellness, *, started_at: datetime, now: datetime, diff: str = ""
) -> tuple[Clue, ...]:
    """Return the changes that came just before a service fell silent, the nearest first, two at most.

    What changed after the silence began is not why. What the service ran on for long after it changed is not either, unless
    the process was started in between: settings are read at the start. `diff` is what to type to see more.
    """
    told = [
        (found[1], RANK.index(one.kind), found[0], one)
        for one in changes.found
        if one.used and (found := _relation(one, wellness, started_at=started_at, now=now)) is not None
    ]
    told.sort(key=lambda row: row[:2])
    return tuple(
        clue(
            code,
            ago_s=round(ago.total_seconds()),
            kind=one.kind.value,
            name=one.name,
            before=one.before,
            after=one.after,
            owner=one.owner,
            count=one.count,
            at=one.at.isoformat(),
            diff="" if number else diff,
        )
        for number, (ago, _, code, one) in enumerate(told[:MOST_NAMED])
    )


def _relation(
    one: Change, wellness: Wellness, *, started_at: datetime, now: datetime
) -> tuple[str, timedelta] | None:
    """Return how a change stands to the silence: a clue's code, and how long before it (or before now) it was."""
    bad, good = wellness.bad_since, wellness.last_good_at
    if bad is not None:
        if one.at > bad:
            return None
        if bad - one.at <= SOON:
            return "changed_before", bad - one.at
        started = one.at <= started_at <= bad and bad - started_at <= SOON
        return ("changed_then_started", bad - one.at) if started else None
    if good is not None:
        return ("changed_since_well", now - one.at) if one.at >= good else None
    return ("changed_lately", now - one.at) if now - one.at <= SOON else None
