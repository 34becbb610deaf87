"""Who is called when nobody comes: is anybody of those on call awake, and has somebody acknowledged, at each step?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import happened
from bot.domain.advance import SETTLES_AFTER
from bot.domain.alerts import Alert, AlertStatus, is_acknowledged
from bot.domain.groups import Group
from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.messages import Notification, Operation
from bot.domain.reviews import Person
from bot.domain.routes import ONCALL, PAGE, PageEvent, Step
from bot.domain.routing import LIVE
from bot.flows import cards, paging, timeline
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import escalation as words

SETTLES = "settles"
AWAKE = "awake"
"""The first look: whether those who were mentioned let themselves be disturbed at all."""


def steps(alert: Alert, mentioned: Sequence[str], services: Services, *, now: datetime) -> list[Job]:
    """Return the looks that follow an alert which mentions somebody: at once, and at each step of the config."""
    first = _job(alert, AWAKE, 0.0, now=now, whom=" ".join(mentioned))
    later = (_job(alert, one.to, one.after_s, now=now) for one in services.settings.escalate)
    return [first, *later]


def _job(alert: Alert, to: str, after_s: float, *, now: datetime, whom: str = "") -> Job:
    key = f"escalate:{alert.id}:{to}:{after_s:g}"
    return Job(
        id=f"job_{key}:{round(now.timestamp() * 1000)}",
        kind=JobKind.ESCALATE,
        key=key,
        payload={"alert": alert.id, "to": to, "after_s": after_s, "whom": whom},
        created_at=now,
        due_at=now + timedelta(seconds=after_s),
    )


def settling(alert: Alert, *, now: datetime) -> Job:
    """Return the look at what came and went, once it has been over for a while."""
    return _job(alert, SETTLES, SETTLES_AFTER.total_seconds(), now=now)


def _settle(alert: Alert, done: Job, services: Services, *, now: datetime) -> None:
    """Say that what came and went has stayed well; nothing where it came again, or was said."""
    over = alert.status is AlertStatus.RESOLVED and alert.resolved_at is not None
    if not (alert.flapping and over and now - (alert.resolved_at or now) >= SETTLES_AFTER):
        services.store.commit(finished=[done])
        return
    after = replace(alert, flapping=False, updated_at=now)
    rows: list[Notification] = []
    if after.told and not after.group:
        rows.append(
            cards.notification(after, Operation.REPLY, words.settled(after, now=now), services, now=now)
        )
    if after.paged:
        rows += paging.pages(after, PageEvent.RESOLVE, services, now=now)
    services.store.commit(alerts=[after], notifications=rows, finished=[done])


def run_job(job: Job, services: Services) -> None:
    """Do a look that is due: nothing where the alert is over, in somebody's hand, or silenced."""
    retried(lambda: _run(job, services))


def _run(job: Job, services: Services) -> None:
    now = services.clock.now()
    done = replace(job, status=JobStatus.DONE)
    alert = services.store.alert(str(job.payload["alert"]))
    if alert is not None and job.payload["to"] == SETTLES:
        _settle(alert, done, services, now=now)
        return
    if alert is None or not _waits(alert, services, now=now):
        services.store.commit(finished=[done])
    elif job.payload["to"] == AWAKE:
        _see_who_is_awake(alert, str(job.payload["whom"]).split(), done, services, now=now)
    else:
        step = Step(after_s=float(job.payload["after_s"] or 0.0), to=str(job.payload["to"]))
        _escalate(alert, step, done, services, now=now)


def _waits(alert: Alert, services: Services, *, now: datetime) -> bool:
    """Whether nobody has an alert in hand that people should see."""
    silences = services.store.silences(now=now)
    told_with = services.store.alerts(group=alert.group, unresolved=True) if alert.group else [alert]
    return any(
        one.status in LIVE
        and not is_acknowledged(one, now=now)
        and cards.silence_of(one, silences, services, now=now) is None
        for one in told_with
    )


def _escalate(alert: Alert, step: Step, done: Job, services: Services, *, now: datetime) -> None:
    zone = services.settings.timezone
    whom: tuple[str, ...] = ()
    pages: list[Notification] = []
    if step.to == PAGE:
        note = words.unacknowledged(step.after_s)
        pages = paging.pages(alert, PageEvent.TRIGGER, services, now=now, note=note)
    elif step.to == ONCALL:
        whom = services.oncall(cards.way(alert, services).oncall)
    else:
        whom = (step.to,)
    message = words.escalated(alert, step, whom=whom, paged=bool(pages), now=now, zone=zone)
    event = happened.escalated(alert, to=step.to, after_s=step.after_s, now=now)
    touched = timeline.touched(services, [event], alerts=[alert], now=now)
    services.store.commit(
        alerts=_paged(alert, pages, now=now),
        groups=_group_paged(alert, pages, services, now=now),
        incidents=touched.incidents,
        events=[event],
        notifications=[
            cards.notification(alert, Operation.REPLY, message, services, now=now),
            *pages,
            *touched.notifications,
        ],
        finished=[done],
    )


def _see_who_is_awake(
    alert: Alert, mentioned: Sequence[str], done: Job, services: Services, *, now: datetime
) -> None:
    """Say so where everybody who was mentioned is not disturbed by the chat now, and page them if they were not."""
    resting: list[tuple[Person, datetime]] = []
    for person in _people(mentioned, services):
        until = services.people.resting_until(person.id, now=now)
        if until is None:
            services.store.commit(finished=[done])
            return
        resting.append((person, until))
    group = services.store.group(alert.group) if alert.group else None
    was = alert.paged or (group is not None and group.paged)
    pages = [] if was else paging.pages(alert, PageEvent.TRIGGER, services, now=now)
    said: list[Notification] = []
    if resting:
        message = words.resting(
            alert, resting, paged=was or bool(pages), now=now, zone=services.settings.timezone
        )
        said = [cards.notification(alert, Operation.REPLY, message, services, now=now), *pages]
    services.store.commit(
        alerts=_paged(alert, pages if resting else [], now=now),
        groups=_group_paged(alert, pages if resting else [], services, now=now),
        notifications=said,
        finished=[done],
    )


def _people(ids: Sequence[str], services: Services) -> list[Person]:
    found: list[Person] = []
    for one in ids:
        if one.startswith("S"):
            found += services.people.group(one)
        elif person := services.people.person(one):
            found.append(person)
    return found


def _paged(alert: Alert, pages: Sequence[Notification], *, now: datetime) -> list[Alert]:
    """Return the alert that is now paged by itself."""
    alone = bool(pages) and not alert.group and not alert.paged
    return [replace(alert, paged=True, updated_at=now)] if alone else []


def _group_paged(
    alert: Alert, pages: Sequence[Notification], services: Services, *, now: datetime
) -> list[Group]:
    """Return the group that is now paged as one."""
    group = services.store.group(alert.group) if pages and alert.group else None
    return [replace(group, paged=True, updated_at=now)] if group and not group.paged else []
