"""How an act's new state is written: itself, what is said of it, the audit, the timeline and the job that goes on, at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from shlex import join

from bot.domain.actions import Action, ActionStatus, Standing
from bot.domain.audit import AuditEntry
from bot.domain.clues import Fact
from bot.domain.errors import Conflict
from bot.domain.invocations import Actor
from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.messages import Message, Notification, Operation
from bot.domain.settings import EvidenceAudience
from bot.domain.targets import HostSpec, ServiceSpec
from bot.domain.timeline import EventKind, TimelineEvent
from bot.flows import timeline
from bot.flows.conflict import TRIES
from bot.ports import Services
from bot.present import action as words

PRIORITY = 1
UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, kw_only=True)
class News:
    """What is written beside an act's new state. `outcome` is the audit's word for it, empty where it is no step of
    somebody; `actor` who took it, None for who asked.
    """

    kind: EventKind | None = None
    facts: Mapping[str, Fact] | None = None
    outcome: str = ""
    actor: Actor | None = None
    reply: Message | None = None


def keep(
    action: Action,
    services: Services,
    *,
    doing: Job | None = None,
    next_at: datetime | None = None,
    shown: bool = True,
    news: News | None = None,
) -> Action:
    """Write an act's new state in one transaction; return it as it is stored.

    `doing` is the job that brought it there; it ends, and one that takes it on follows at `next_at`. Without both, the
    job that holds the act goes on holding it. Raises Conflict where somebody else moved the act meanwhile.
    """
    now, news = services.clock.now(), news or News()
    stored = action.version
    following = _job(action, created=now, due=next_at) if next_at else None
    action = replace(action, updated_at=now, job=following.id if following else action.job)
    notifications = _said(action, services, shown=shown, reply=news.reply, now=now)
    action = replace(action, told=action.told or bool(notifications))
    finished = _finished(action, stored, services, doing=doing, follows=following is not None)
    entries = [_entry(action, news, services, now=now)] if news.outcome else []
    events = [_event(action, news, now=now)] if news.kind else []

    def write() -> None:
        touched = timeline.touched(services, events, now=now)
        services.store.commit(
            actions=[action],
            incidents=touched.incidents,
            notifications=[*notifications, *touched.notifications],
            finished=finished,
            jobs=[following] if following else [],
            audit=entries,
            events=events,
        )

    _unless_moved(write, action, services)
    return replace(action, version=stored + 1)


def _unless_moved(write: Callable[[], None], action: Action, services: Services) -> None:
    """Write; once more where the Conflict was about an incident's message, and the act stands as it was read."""
    for _ in range(TRIES):
        try:
            return write()
        except Conflict:
            stands = services.store.action(action.id)
            if (stands.version if stands else 0) != action.version:
                raise
    return write()


def first(action: Action, services: Services) -> tuple[Action, Job]:
    """Return a new act with the job that prepares it; its key is held until the act is over, and keeps others away."""
    now = services.clock.now()
    job = _job(action, created=now, due=now)
    return replace(action, job=job.id), job


def specs(action: Action, services: Services) -> tuple[HostSpec, ServiceSpec]:
    """Return the host and the service as the config has them now. Raises UnknownName where it has them no longer."""
    host = services.settings.fleet.host(action.target.host)
    return host, services.settings.fleet.service_on(host, action.target.service or "")


def audited(action: Action, news: News, services: Services) -> AuditEntry:
    return _entry(action, news, services, now=services.clock.now())


def event(action: Action, news: News, services: Services) -> TimelineEvent:
    return _event(action, news, now=services.clock.now())


# --- the parts


def _job(action: Action, *, created: datetime, due: datetime) -> Job:
    return Job(
        id=f"job_{action.id}.{action.version}",
        kind=JobKind.ACT,
        key=f"act:{action.verb}:{action.target.host}/{action.target.service or ''}",
        payload={"action": action.id},
        created_at=created,
        due_at=due,
    )


def _finished(
    action: Action, version: int, services: Services, *, doing: Job | None, follows: bool
) -> Sequence[Job]:
    """Return the job that this step ends: the one that took it, else the one that waited for it."""
    ends = follows or action.over
    held = doing or (_holding(action, version, services) if ends else None)
    return [replace(held, status=JobStatus.DONE, result=action.id)] if held and ends else []


def _holding(action: Action, version: int, services: Services) -> Job | None:
    """Return the job that holds the act as it is stored now."""
    stored = services.store.action(action.id)
    job = services.store.job(stored.job) if stored and stored.version == version else None
    return job if job and job.status in UNFINISHED else None


def _said(
    action: Action, services: Services, *, shown: bool, reply: Message | None, now: datetime
) -> list[Notification]:
    """Return what is said: the act's one message, posted or edited, and a reply, since edits notify nobody.

    What somebody wishes at the bot's own terminal is told in the channel once they said yes to it.
    """
    channel = action.channel or services.settings.channel
    quiet = action.asked.local and not action.told and not action.approvals
    if not channel or quiet:
        return []
    notifications = []
    if shown:
        operation = Operation.EDIT if action.told else Operation.POST
        open_to_all = services.settings.access.evidence is EvidenceAudience.CHANNEL
        message = words.message(action, now=now, zone=services.settings.timezone, evidence=open_to_all)
        notifications.append(_row(action, "card", operation, message, channel, now=now))
    if reply and action.told:
        operation = Operation.POST if action.thread_ts else Operation.REPLY
        notifications.append(_row(action, "reply", operation, reply, channel, now=now))
    return notifications


def _row(
    action: Action, what: str, operation: Operation, message: Message, channel: str, *, now: datetime
) -> Notification:
    apart = what == "reply" and operation is Operation.POST
    return Notification(
        id=f"out_{action.id}.{action.version}.{what}",
        subject=f"{action.subject}.{action.version}" if apart else action.subject,
        operation=operation,
        message=message,
        created_at=now,
        channel=channel if operation is Operation.POST else "",
        thread_ts=action.thread_ts if operation is Operation.POST else None,
        priority=PRIORITY,
    )


def _entry(action: Action, news: News, services: Services, *, now: datetime) -> AuditEntry:
    return AuditEntry(
        id=services.ids.new("aud"),
        at=now,
        actor=news.actor.id if news.actor else action.asked.by,
        verb=action.verb,
        target=str(action.target),
        outcome=news.outcome,
        facts={**_facts(action), **(news.facts or {})},
    )


def _event(action: Action, news: News, *, now: datetime) -> TimelineEvent:
    """Return the event, its id made of the act's: however often the step is taken, it is kept once."""
    assert news.kind is not None
    by, name = (news.actor.id, news.actor.name) if news.actor else (action.asked.by, action.asked.name)
    facts = {**_facts(action), **_times(action), **(news.facts or {})}
    return TimelineEvent(
        id=f"evt_{action.id}.{news.kind.value}.{by if news.kind is EventKind.ACT_APPROVED else ''}".rstrip(
            "."
        ),
        at=now,
        kind=news.kind,
        target=action.target,
        alert=action.alert,
        by=by,
        name=name,
        facts={key: value for key, value in facts.items() if value is not None and value != ""},
    )


def _facts(action: Action) -> dict[str, Fact]:
    reason = action.reason
    return {
        "action": action.id,
        "command": join(action.command),
        "approvers": ", ".join(one.by for one in action.approvals),
        "inspection": action.inspection,
        "again": action.again,
        "exit": action.exit,
        "before": _run(action.before),
        "before_pid": action.before.pid if action.before else None,
        "after": _run(action.after),
        "after_pid": action.after.pid if action.after else None,
        "reason": reason.code if reason else "",
        "line": str(reason.facts.get("place") or "") if reason and reason.code.endswith("same_line") else "",
    }


def _run(standing: Standing | None) -> str:
    return (standing.invocation or standing.boot) if standing else ""


def _times(action: Action) -> dict[str, Fact]:
    """Return how long the command took, the service was away, and it lasted or was watched."""
    fell = action.status is ActionStatus.RELAPSED
    return {
        "verb": action.verb,
        "seconds": _between(action.sent_at, action.done_at),
        "down_s": action.down_s,
        "lasted_s": _between(action.answered_at, action.fell_at) if fell else None,
        "watched_s": _between(action.answered_at, action.ended_at) if not fell else None,
    }


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 1) if start and end else None
