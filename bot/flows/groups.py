"""Many at once are told once: an alert that is about to be told joins a group where it is one of many, and the group's
message follows what becomes of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.alerts import Alert
from bot.domain.common_cause import CommonCause, common_cause
from bot.domain.errors import Conflict
from bot.domain.groups import (
    Group,
    GroupChange,
    Kind,
    Standing,
    advance,
    is_due,
    is_one_trouble,
    kind_of,
    standing,
    takes_in,
)
from bot.domain.jobs import Job
from bot.domain.messages import Message, Notification, Operation
from bot.domain.routes import PageEvent, is_page
from bot.domain.rule import Telling
from bot.flows import cards, escalation, paging
from bot.ports import Services
from bot.present import group as words


@dataclass(frozen=True, kw_only=True)
class Opening:
    """An alert that is to be told for the first time, and what would be said of it alone. `mention`: whom it would call."""

    alert: Alert
    rows: tuple[Notification, ...]
    jobs: tuple[Job, ...]
    mention: tuple[str, ...]


@dataclass
class Placed:
    """What is committed of openings: of those that are told alone, what they brought; of the others, their groups."""

    joined: dict[str, Alert] = field(default_factory=dict)
    """The alerts that are told in a group, by id."""
    rows: list[Notification] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


def place(openings: Sequence[Opening], services: Services, *, now: datetime) -> Placed:
    """Decide for each opening whether it is told alone, or in a group with others."""
    placed = Placed()
    if not openings:
        return placed
    open_groups = services.store.groups()
    by_kind: dict[Kind, list[Opening]] = {}
    for one in openings:
        by_kind.setdefault(kind_of(one.alert, cards.way(one.alert, services).channel), []).append(one)
    for kind, same in by_kind.items():
        group = next((one for one in open_groups if takes_in(one, kind, now=now)), None)
        alerts = [one.alert for one in same]
        if group is None and is_one_trouble(alerts, _of_rule(kind, services), now=now):
            group = _begun(kind, same[0], services, now=now)
            placed.groups.append(group)
            if same[0].mention:
                first = replace(same[0].alert, group=group.id)
                placed.jobs += escalation.steps(first, same[0].mention, services, now=now)
        for one in same:
            if group is None:
                placed.rows += one.rows
                placed.jobs += one.jobs
            else:
                placed.joined[one.alert.id] = replace(one.alert, group=group.id, paged=False)
    return placed


def _of_rule(kind: Kind, services: Services) -> Sequence[Alert]:
    return services.store.alerts(rules=[kind.rule], unresolved=True)


def _begun(kind: Kind, first: Opening, services: Services, *, now: datetime) -> Group:
    return Group(
        id=services.ids.new("grp"),
        kind=kind,
        oncall=cards.way(first.alert, services).oncall,
        opened_at=now,
        updated_at=now,
    )


# --- its message


def refresh(services: Services, looked: dict[str, datetime] | None = None) -> None:
    """Bring the messages of all open groups up to date; one that somebody else changed meanwhile waits for the next time.

    `looked` remembers when each was looked at: large ones are not, before anything could be said of them anyway.
    """
    for group in services.store.groups():
        now = services.clock.now()
        if looked is not None:
            if not is_due(group, looked.get(group.id), now=now):
                continue
            looked[group.id] = now
        try:
            _refresh(group, services)
        except Conflict:
            continue


def page_of(group: Group, services: Services, *, now: datetime) -> Message:
    """Return what is paged of a group that the chat does not take."""
    members = services.store.alerts(group=group.id)
    stands = _standing(members, services, now=now)
    zone, cause = services.settings.timezone, _cause(stands, services)
    return words.page(group, stands, PageEvent.TRIGGER, now=now, zone=zone, cause=cause)


def _standing(members: Sequence[Alert], services: Services, *, now: datetime) -> Standing:
    silences = services.store.silences(now=now)
    return standing(
        members, now=now, silence_of=lambda one: cards.silence_of(one, silences, services, now=now)
    )


def _refresh(group: Group, services: Services) -> None:
    now = services.clock.now()
    members = services.store.alerts(group=group.id)
    if not members:
        services.store.commit(groups=[replace(group, ended_at=now, updated_at=now)])
        return
    stands = _standing(members, services, now=now)
    after, change = advance(group, stands, now=now)
    if after == group:
        return
    rows = _rows(after, stands, change, services, now=now)
    paged = after.paged or (change is GroupChange.OPENED and any(_is_page(row) for row in rows))
    services.store.commit(groups=[replace(after, paged=paged)], notifications=rows)


def edited(group: Group, members: Sequence[Alert], services: Services, *, now: datetime) -> Notification:
    """Return the edit that shows a group's members as they stand now."""
    card = _card(group, _standing(members, services, now=now), services, (), now=now)
    return _row(group, Operation.EDIT, card, services, now=now)


def _rows(
    group: Group, stands: Standing, change: GroupChange, services: Services, *, now: datetime
) -> list[Notification]:
    """Return what is said of a group; an end and a return are told in its thread too."""
    if change in (GroupChange.NONE, GroupChange.ENDED):
        return []
    zone = services.settings.timezone
    telling = _telling(group, services)
    oncall = services.oncall(group.oncall) if Telling.MENTION in telling else ()
    cause = _cause(stands, services)
    card = _card(group, stands, services, oncall, now=now)
    operation = Operation.POST if change is GroupChange.OPENED else Operation.EDIT
    rows = [_row(group, operation, card, services, now=now)]
    if change is GroupChange.ALL_WELL:
        rows.append(
            _row(group, Operation.REPLY, words.all_well(stands, now=now, zone=zone), services, now=now)
        )
    elif change is GroupChange.AGAIN:
        rows.append(_row(group, Operation.REPLY, words.again(stands, oncall), services, now=now))
    event = _page_event(group, stands, change, pages=Telling.PAGE in telling)
    if event is not None:
        told = words.page(group, stands, event, now=now, zone=zone, cause=cause)
        rows += [
            paging.row(group.id, path, event, told, id=services.ids.new("out"), now=now)
            for path in services.settings.paging.paths
        ]
    return rows


def _card(
    group: Group, stands: Standing, services: Services, oncall: Sequence[str], *, now: datetime
) -> Message:
    zone = services.settings.timezone
    return words.card(group, stands, cause=_cause(stands, services), oncall=oncall, now=now, zone=zone)


def _page_event(group: Group, stands: Standing, change: GroupChange, *, pages: bool) -> PageEvent | None:
    if change in (GroupChange.OPENED, GroupChange.AGAIN) and pages and not stands.acknowledged:
        return PageEvent.TRIGGER
    if change is GroupChange.ALL_WELL and group.paged:
        return PageEvent.RESOLVE
    if change is GroupChange.CHANGED and group.paged and stands.acknowledged:
        return PageEvent.ACKNOWLEDGE
    return None


def _telling(group: Group, services: Services) -> Sequence[Telling]:
    """Return how its rule is told: the widest of that name says it, as the config has it."""
    rule = next((one for one in services.settings.rules if one.name == group.kind.rule), None)
    notify = services.settings.notify
    return rule.telling(group.kind.severity, notify) if rule else notify.get(group.kind.severity, ())


def _cause(stands: Standing, services: Services) -> CommonCause | None:
    affected = {one.target.host for one in stands.firing}
    return common_cause(affected, services.settings.fleet.hosts)


def _row(
    group: Group, operation: Operation, message: Message, services: Services, *, now: datetime
) -> Notification:
    return Notification(
        id=services.ids.new("out"),
        subject=group.subject,
        operation=operation,
        message=message,
        created_at=now,
        channel=group.kind.channel if operation is Operation.POST else "",
        priority=cards.EDIT_PRIORITY if operation is Operation.EDIT else cards.PRIORITY[group.kind.severity],
    )


def _is_page(row: Notification) -> bool:
    return is_page(row.channel)
