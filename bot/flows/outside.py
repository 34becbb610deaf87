"""What others tell us: a deploy is noted and holds back what follows of it; an Alertmanager's alerts are told and looked into
like our own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain import happened
from bot.domain.alerts import Alert, AlertStatus, Change, Silence, Transition, ended
from bot.domain.clues import Clue
from bot.domain.outside import ForeignAlert, OutsideEvent, targets_of
from bot.domain.rule import Rule
from bot.flows import timeline
from bot.flows.conflict import retried
from bot.flows.telling import Moves
from bot.ports import Services

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


def take_alerts(found: Sequence[ForeignAlert], services: Services) -> int:
    """Take in what an Alertmanager sends, all or nothing; return how many of it were news. Sent again, it says nothing again."""
    return retried(lambda: _take(found, services))


def _take(found: Sequence[ForeignAlert], services: Services) -> int:
    moves = Moves(services=services, now=services.clock.now())
    for foreign in {one.id: one for one in found}.values():
        transition = _moved(services.store.alert(foreign.id), foreign, now=moves.now)
        if transition is not None:
            rule = Rule(name=foreign.name, severity=foreign.severity, inspect=True)
            moves.add(transition, rule, inspects=foreign.known)
    moves.commit()
    return len(moves.alerts)


def _moved(before: Alert | None, foreign: ForeignAlert, *, now: datetime) -> Transition | None:
    """Return what is new about an alert; None where nothing is."""
    if before is None:
        if not foreign.firing:
            return None
        return Transition(before=None, after=_begun(foreign, now=now), change=Change.FIRED)
    if foreign.firing or before.status in OVER:
        return None
    return Transition(before=before, after=ended(before, now=now), change=Change.RESOLVED)


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
