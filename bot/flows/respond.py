"""What people do with alerts: acknowledge, silence, end a silence. Each is one transaction with its audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from bot.domain import happened
from bot.domain.alerts import (
    Alert,
    AlertStatus,
    Silence,
    Worth,
    acknowledged,
    is_acknowledged,
    silence_covers,
)
from bot.domain.audit import AuditEntry
from bot.domain.clues import Fact
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.groups import Group
from bot.domain.invocations import Actor
from bot.domain.messages import Message, Notification, Operation
from bot.domain.routes import PageEvent
from bot.flows import cards, groups, paging, timeline
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import responses as words
from bot.present.alert_words import span

LONGEST_SILENCE = timedelta(hours=24)
MORNING_HOUR = 9
MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is to be silent: of whatever all of it is true, see Silence."""

    host: str = ""
    service: str | None = None
    rule: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def acknowledge(services: Services, *, actor: Actor, alert: Alert) -> Message:
    """Put `actor` in charge of an alert for four hours; the same person again renews it.

    Where somebody else is in charge nothing changes, and the answer says who. Raises BadArgument `alert_over`, UnknownName.
    """
    return retried(lambda: _acknowledge(services, actor, alert.id))


def acknowledge_group(services: Services, *, actor: Actor, group: Group) -> Message:
    """Put `actor` in charge of everything in a group that nobody else looks after. Raises BadArgument `alert_over`."""
    return retried(lambda: _acknowledge_group(services, actor, group))


def _acknowledge_group(services: Services, actor: Actor, group: Group) -> Message:
    now = services.clock.now()
    members = services.store.alerts(group=group.id, unresolved=True)
    waiting = [one for one in members if one.acknowledged is None or not is_acknowledged(one, now=now)]
    mine = [one for one in members if one.acknowledged is not None and one.acknowledged.by == actor.id]
    if not members:
        raise BadArgument("alert_over", word=group.id, target=group.kind.service or "all of it")
    after = [acknowledged(one, by=actor.id, name=actor.name, now=now) for one in waiting or mine or members]
    events = [happened.acknowledged(one, by=actor, now=now) for one in after]
    touched = timeline.touched(services, events, alerts=after, now=now)
    facts: dict[str, Fact] = {"group": group.id, "alerts": len(after)}
    what = f"{group.kind.rule} of {len(after)}"
    services.store.commit(
        alerts=after,
        groups=_said_anew(services, group.id, now=now),
        incidents=touched.incidents,
        events=events,
        notifications=list(touched.notifications),
        audit=[_entry(services, actor, "ack", what, facts, now=now)],
    )
    mark = after[0].acknowledged
    assert mark is not None
    return words.acknowledged_all(len(after), mark, now=now, zone=services.settings.timezone)


def _said_anew(services: Services, group_id: str, *, now: datetime) -> list[Group]:
    """Have a group's message brought up to date at once."""
    group = services.store.group(group_id)
    return [replace(group, said_at=None, updated_at=now)] if group and group.ended_at is None else []


def judge_worth(services: Services, *, actor: Actor, alert: Alert, worth: Worth) -> Message:
    """Note whether an alert that is over was worth being told. Raises BadArgument `alert_stands`."""
    return retried(lambda: _judge_worth(services, actor, alert.id, worth))


def _judge_worth(services: Services, actor: Actor, alert_id: str, worth: Worth) -> Message:
    now = services.clock.now()
    alert = services.store.alert(alert_id)
    if alert is None:
        raise UnknownName(kind="alert", word=alert_id)
    if alert.status is not AlertStatus.RESOLVED:
        raise BadArgument("alert_stands", word=alert.id, target=str(alert.target))
    after = replace(alert, worth=worth, worth_name=actor.name, updated_at=now)
    shown = []
    if after.told and not after.group:
        card = cards.card(after, services, observation=None, silence=None, now=now)
        shown = [cards.notification(after, Operation.EDIT, card, services, now=now)]
    facts: dict[str, Fact] = {"alert": alert.id}
    services.store.commit(
        alerts=[after],
        notifications=shown,
        audit=[_entry(services, actor, worth.value, str(alert.target), facts, now=now)],
    )
    return words.worth_noted(str(after.target), worth, after.rule)


def judge_worth_of_group(services: Services, *, actor: Actor, group: Group, worth: Worth) -> Message:
    """Note whether all that one message told of was worth it, once it is over. Raises BadArgument `alert_stands`, UnknownName."""
    return retried(lambda: _judge_worth_of_group(services, actor, group, worth))


def _judge_worth_of_group(services: Services, actor: Actor, group: Group, worth: Worth) -> Message:
    now = services.clock.now()
    members = services.store.alerts(group=group.id)
    if not members:
        raise UnknownName(kind="alert", word=group.id)
    if any(one.status is not AlertStatus.RESOLVED for one in members):
        raise BadArgument("alert_stands", word=group.id, target=group.kind.service or "all of it")
    after = [replace(one, worth=worth, worth_name=actor.name, updated_at=now) for one in members]
    what = f"{group.kind.rule} of {len(after)}"
    facts: dict[str, Fact] = {"group": group.id, "alerts": len(after)}
    services.store.commit(
        alerts=after,
        notifications=[groups.edited(group, after, services, now=now)],
        audit=[_entry(services, actor, worth.value, what, facts, now=now)],
    )
    return words.worth_noted(what, worth, group.kind.rule)


def silence(
    services: Services,
    *,
    actor: Actor,
    scope: Scope,
    seconds: float | None = None,
    until: datetime | None = None,
    reason: str = "",
) -> Message:
    """Hold back what would be told of `scope`, for `seconds` or `until` a moment.

    Raises BadArgument `silence_too_long` (more than 24 h) or `silence_too_short`.
    """
    return retried(
        lambda: _silence(services, actor, scope=scope, seconds=seconds, until=until, reason=reason)
    )


def _silence(
    services: Services,
    actor: Actor,
    *,
    scope: Scope,
    seconds: float | None,
    until: datetime | None,
    reason: str,
) -> Message:
    now = services.clock.now()
    ends_at = _end(now, seconds, until)
    made = Silence(
        id=services.ids.new("sil"),
        host=scope.host,
        service=scope.service,
        rule=scope.rule,
        labels=scope.labels,
        by=actor.id,
        name=actor.name,
        reason=reason.strip(),
        starts_at=now,
        ends_at=ends_at,
    )
    facts: dict[str, Fact] = {"until": ends_at.isoformat(), "reason": made.reason, "silence": made.id}
    event = happened.silenced(made)
    touched = timeline.touched(services, [event], now=now)
    services.store.commit(
        silences=[made],
        incidents=touched.incidents,
        events=[event],
        notifications=[*_cards(services, made, now=now), *touched.notifications],
        audit=[_entry(services, actor, "silence", _target(made), facts, now=now)],
    )
    return words.silenced(made, now=now, zone=services.settings.timezone)


def unsilence(services: Services, *, actor: Actor, silence_id: str) -> Message:
    """End a silence now; what it held back and still holds is told by the next round. Raises UnknownName."""
    return retried(lambda: _unsilence(services, actor, silence_id))


def _unsilence(services: Services, actor: Actor, silence_id: str) -> Message:
    now = services.clock.now()
    in_force = {one.id: one for one in services.store.silences(now=now)}
    found = in_force.get(silence_id.lower())
    if found is None:
        nearest = tuple(get_close_matches(silence_id.lower(), in_force, n=3, cutoff=0.5))
        raise UnknownName(kind="silence", word=silence_id, nearest=nearest, known=tuple(in_force))
    ended = replace(found, ends_at=now)
    event = happened.unsilenced(ended, by=actor, now=now)
    touched = timeline.touched(services, [event], now=now)
    services.store.commit(
        silences=[ended],
        incidents=touched.incidents,
        events=[event],
        notifications=[*_cards(services, ended, ended=True, now=now), *touched.notifications],
        audit=[_entry(services, actor, "unsilence", _target(ended), {"silence": ended.id}, now=now)],
    )
    return words.unsilenced(ended, by=actor.id, name=actor.name)


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the end of a silence until the morning: the next 9:00 of `zone`, which is never more than 24 h away
    (25 h on the night when the clocks go back, and then a whole 24 h).
    """
    local = now.astimezone(zone)
    morning = local.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning = (local + timedelta(days=1)).replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return min(morning.astimezone(now.tzinfo), now + LONGEST_SILENCE)


def _acknowledge(services: Services, actor: Actor, alert_id: str) -> Message:
    now, zone = services.clock.now(), services.settings.timezone
    alert = services.store.alert(alert_id)
    if alert is None:
        raise UnknownName(kind="alert", word=alert_id)
    if alert.status in (AlertStatus.RESOLVED, AlertStatus.INACTIVE):
        raise BadArgument("alert_over", word=alert.id, target=str(alert.target))
    mark = alert.acknowledged
    if mark is not None and mark.by != actor.id and is_acknowledged(alert, now=now):
        return words.already_acknowledged(alert, mark, now=now, zone=zone)
    after = acknowledged(alert, by=actor.id, name=actor.name, now=now)
    assert after.acknowledged is not None
    event = happened.acknowledged(after, by=actor, now=now)
    touched = timeline.touched(services, [event], alerts=[after], now=now)
    shown = cards.edits(services, [after], services.store.silences(now=now), now=now)
    services.store.commit(
        alerts=[after],
        incidents=touched.incidents,
        events=[event],
        notifications=[*shown, *_pages(after, services, now=now), *touched.notifications],
        audit=[_entry(services, actor, "ack", str(alert.target), {"alert": alert.id}, now=now)],
    )
    return words.acknowledged(after, after.acknowledged, now=now, zone=zone)


def _pages(alert: Alert, services: Services, *, now: datetime) -> list[Notification]:
    """Tell those who were paged that somebody looks after it."""
    return paging.pages(alert, PageEvent.ACKNOWLEDGE, services, now=now) if alert.paged else []


def _end(now: datetime, seconds: float | None, until: datetime | None) -> datetime:
    ends_at = until if until is not None else now + timedelta(seconds=min(seconds or 0.0, 1e9))
    if ends_at <= now:
        raise BadArgument("silence_too_short", usage="/hang silence HOST[/SERVICE] 2h [REASON]")
    if ends_at - now > LONGEST_SILENCE:
        usage = "/hang silence HOST[/SERVICE] 24h [REASON]"
        raise BadArgument("silence_too_long", word=span(ends_at - now), usage=usage, longest="24 h")
    return ends_at


def _cards(services: Services, changed: Silence, *, now: datetime, ended: bool = False) -> list[Notification]:
    """Return the cards that a silence concerns, as they stand with it (or without it, where it `ended`)."""
    concerned = [
        one
        for one in services.store.alerts(unresolved=True)
        if silence_covers(
            replace(changed, ends_at=max(changed.ends_at, now + MOMENT)),
            one,
            labels=services.settings.labels_of(one.target.host),
            now=now,
        )
    ]
    others = [one for one in services.store.silences(now=now) if one.id != changed.id]
    return cards.edits(services, concerned, others if ended else [*others, changed], now=now)


def _entry(
    services: Services, actor: Actor, verb: str, target: str, facts: dict[str, Fact], *, now: datetime
) -> AuditEntry:
    return AuditEntry(
        id=services.ids.new("aud"),
        at=now,
        actor=actor.id,
        verb=verb,
        target=target,
        outcome="done",
        facts=facts,
    )


def _target(silence: Silence) -> str:
    """Return what is silenced, as the audit trail says it."""
    labels = [f"{key}={value}" for key, value in silence.labels.items()]
    where = silence.host or ("all hosts" if not labels else "")
    what = " ".join(filter(None, (silence.rule, silence.service)))
    return (
        f"{what} on {' '.join(filter(None, (where, *labels)))}"
        if what
        else " ".join((where, *labels)).strip()
    )
