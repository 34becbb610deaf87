"""What others tell us: a deploy is noted and holds back what follows of it; an Alertmanager's alerts are told and looked into
like our own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain import happened
from bot.domain.alerts import Alert, AlertStatus, Change, Silence, Transition
from bot.domain.clues import Clue
from bot.domain.jobs import Job
from bot.domain.messages import Notification, Operation
from bot.domain.outside import ForeignAlert, OutsideEvent, targets_of
from bot.domain.routing import Decision, decide
from bot.domain.rule import Rule
from bot.domain.timeline import TimelineEvent
from bot.flows import cards, escalation, groups, inspect, paging, timeline
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import alert as words

ORIGIN = "alertmanager"
OVER = (AlertStatus.RESOLVED, AlertStatus.INACTIVE)


# --- deploys and the like


def note_event(event: OutsideEvent, services: Services) -> bool:
    """Note what was done, and hold back what follows of it for as long as it says; False where it was noted before."""
    if event.key and not services.store.first_time(f"event:{event.key}", now=services.clock.now()):
        return False
    retried(lambda: _note(event, services))
    return True


def _note(event: OutsideEvent, services: Services) -> None:
    now = services.clock.now()
    until = now + timedelta(seconds=event.quiet_s) if event.quiet_s else None
    silence = _quiet(event, services.ids.new("sil"), now=now, until=until) if until else None
    identity = services.ids.new("evt")
    events = [
        happened.done_outside(event, target, id=f"{identity}.{number}", now=now, until=until)
        for number, target in enumerate(targets_of(event, services.settings.fleet))
    ]
    touched = timeline.touched(services, events, now=now)
    services.store.commit(
        silences=[silence] if silence else [],
        incidents=touched.incidents,
        events=events,
        notifications=touched.notifications,
    )


def _quiet(event: OutsideEvent, identity: str, *, now: datetime, until: datetime) -> Silence:
    reason = " ".join(filter(None, (event.kind, event.version)))
    return Silence(
        id=identity,
        host=event.host or "",
        service=event.service,
        by="",
        name=event.by,
        reason=reason,
        starts_at=now,
        ends_at=until,
        event=event.kind,
    )


# --- alerts of an Alertmanager


@dataclass(kw_only=True)
class _Taking:
    """What one delivery shares, and what it commits, all or nothing."""

    services: Services
    silences: Sequence[Silence]
    now: datetime
    alerts: list[Alert] = field(default_factory=list)
    rows: list[Notification] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    openings: list[groups.Opening] = field(default_factory=list)
    told_of: list[Alert] = field(default_factory=list)


def take_alerts(found: Sequence[ForeignAlert], services: Services) -> int:
    """Take in what an Alertmanager sends, all or nothing; return how many of it were news. Sent again, it says nothing again."""
    return retried(lambda: _take(found, services))


def _take(found: Sequence[ForeignAlert], services: Services) -> int:
    now = services.clock.now()
    writes = _Taking(services=services, silences=services.store.silences(now=now), now=now)
    for foreign in {one.id: one for one in found}.values():
        transition = _moved(services.store.alert(foreign.id), foreign, now=now)
        if transition is not None:
            _write(writes, transition, foreign)
    if not writes.alerts:
        return 0
    touched = timeline.touched(services, writes.events, alerts=writes.told_of, now=now)
    placed = groups.place(writes.openings, services, now=now)
    services.store.commit(
        alerts=[placed.joined.get(one.id, one) for one in writes.alerts],
        groups=placed.groups,
        incidents=touched.incidents,
        events=writes.events,
        notifications=[*placed.rows, *writes.rows, *touched.notifications],
        jobs=[*placed.jobs, *writes.jobs],
    )
    return len(writes.alerts)


def _moved(before: Alert | None, foreign: ForeignAlert, *, now: datetime) -> Transition | None:
    """Return what is new about an alert; None where nothing is."""
    if before is None:
        if not foreign.firing:
            return None
        return Transition(before=None, after=_begun(foreign, now=now), change=Change.FIRED)
    if foreign.firing or before.status in OVER:
        return None
    over = replace(
        before, status=AlertStatus.RESOLVED, resolved_at=now, turned_at=now, owed=False, updated_at=now
    )
    return Transition(before=before, after=over, change=Change.RESOLVED)


def _begun(foreign: ForeignAlert, *, now: datetime) -> Alert:
    facts = {"summary": foreign.summary, "description": foreign.description, "url": foreign.url}
    return Alert(
        id=foreign.id,
        rule=foreign.name,
        target=foreign.target,
        status=AlertStatus.FIRING,
        severity=foreign.severity,
        origin=ORIGIN,
        since=foreign.starts_at,
        turned_at=foreign.starts_at,
        last_bad_at=now,
        failures=1,
        fired_at=now,
        reasons=(Clue(code="foreign", facts=facts),),
        updated_at=now,
    )


def _write(writes: _Taking, transition: Transition, foreign: ForeignAlert) -> None:
    services, silences, now, alert = writes.services, writes.silences, writes.now, transition.after
    assert alert is not None
    rule = Rule(name=alert.rule, severity=alert.severity, inspect=foreign.known)
    settings = services.settings
    decision = decide(
        transition,
        silences=silences,
        rule=rule,
        oncall=services.oncall(cards.way(alert, services).oncall),
        now=now,
        notify=settings.notify,
        labels=settings.labels_of(alert.target.host),
    )
    opens = Operation.POST in decision.operations
    paged = alert.paged or (decision.page is not None and paging.is_possible(services))
    after = replace(alert, told=alert.told or opens, owed=decision.owed, paged=paged)
    if opens:
        after = replace(after, incident=timeline.covering(after, services))
    writes.alerts.append(after)
    writes.events += happened.in_round(after, transition.change, seen={}, now=now)
    if decision.operations:
        writes.told_of.append(after)
    if not after.group:
        _tell(writes, after, transition, decision)
    policy = settings.inspect
    if opens and policy.auto and foreign.known and _is_due(after, services, now=now):
        said, job = inspect.request(services, target=after.target, pid=None, invocation=None, alert=after)
        writes.rows += said
        writes.jobs.append(job)


def _is_due(alert: Alert, services: Services, *, now: datetime) -> bool:
    last = services.store.last_inspection(alert.target)
    return last is None or now - last.at >= timedelta(seconds=services.settings.inspect.cooldown_s)


def _tell(writes: _Taking, alert: Alert, transition: Transition, decision: Decision) -> None:
    services, silences, now = writes.services, writes.silences, writes.now
    zone = services.settings.timezone
    silence = cards.silence_of(alert, silences, services, now=now)
    rows = []
    for operation in decision.operations:
        if operation is Operation.REPLY:
            message = words.reply(
                alert,
                transition.change,
                before=transition.before,
                oncall=decision.mention,
                now=now,
                zone=zone,
            )
        else:
            message = cards.card(alert, services, observation=None, silence=silence, now=now)
        rows.append(cards.notification(alert, operation, message, services, now=now))
    if decision.page is not None:
        rows += paging.pages(alert, decision.page, services, now=now)
    jobs = escalation.steps(alert, decision.mention, services, now=now) if decision.mention else []
    if Operation.POST in decision.operations:
        writes.openings.append(
            groups.Opening(alert=alert, rows=tuple(rows), jobs=tuple(jobs), mention=decision.mention)
        )
    else:
        writes.rows += rows
        writes.jobs += jobs
