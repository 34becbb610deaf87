"""Restart what hangs: ask → evidence → plan → somebody's yes → look → send, once → verify → watch. Each step is claimed."""

from collections.abc import Callable
from dataclasses import replace

from bot import remedies
from bot.domain import acting
from bot.domain.access import authorize
from bot.domain.actions import Action, ActionStatus
from bot.domain.alerts import Alert
from bot.domain.audit import AuditEntry
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Inspection
from bot.domain.errors import BadArgument, HostFailure, UnknownName
from bot.domain.invocations import Actor, Invocation, Place
from bot.domain.jobs import Job, JobStatus
from bot.domain.messages import Message
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import Target
from bot.domain.timeline import EventKind
from bot.flows import acts, inspect, marks, verify
from bot.flows.acts import News, keep
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import action as words

USAGE = "/hang restart HOST SERVICE"
VERB = "restart"
MOST_ATTEMPTS = 3
FRESH_S = 60.0
"""How old stacks may be that are used again, the process being the same."""
PAST = 20
LONGEST_NOTED = 80

Crash = Callable[[str], None]


def nothing(point: str) -> None:
    """Pass a point at which the tests would kill us."""
    del point


# --- somebody wishes it


def ask(
    services: Services,
    *,
    target: Target,
    invocation: Invocation,
    alert: Alert | None = None,
    hurried: bool = False,
    crash: Crash = nothing,
) -> Action:
    """Store the wish and the job that takes it on; nothing is asked of the host yet.

    Raises BadArgument `no_remedy` where the config does not say how, and `act_under_way` where one of this target is
    not over: then nothing is stored.
    """
    now, actor = services.clock.now(), invocation.actor
    host = services.settings.fleet.host(target.host)
    service = services.settings.fleet.service_on(host, target.service or "")
    planned = remedies.plan(host, service)
    if planned is None:
        raise BadArgument("no_remedy", word=str(target), service=service.name)
    retried(lambda: _end_watch(services, target=target, actor=actor))
    past = services.store.actions(target=target, limit=PAST)
    _refuse_second(past, services)
    root = services.store.posted(alert.subject) if alert else None
    many = acting.needed(VERB, services.settings.access, past, now=now)
    wish, job = acts.first(
        Action(
            id=services.ids.new("act"),
            verb=VERB,
            target=target,
            remedy=planned.remedy,
            command=planned.command,
            asked=acting.approval(actor, now=now),
            needed=many,
            expires_at=acting.expiry(many, now=now),
            status=ActionStatus.PREPARING,
            hurried=hurried,
            alert=alert.id if alert else "",
            channel=root.channel if root else invocation.channel,
            thread_ts=root.ts if root else invocation.thread_ts,
            line="" if alert else invocation.text,
            usual_s=acting.usual(past),
            updated_at=now,
        ),
        services,
    )
    asked = News(kind=EventKind.ACT_ASKED, outcome="asked", actor=actor)
    services.store.commit(
        actions=[wish],
        jobs=[job],
        audit=[acts.audited(wish, asked, services)],
        events=[acts.event(wish, asked, services)],
    )
    crash("asked")
    # Where somebody wished the same at the same moment, their job holds the target's key and ours was left out.
    if services.store.job(job.id) is None:
        withdrawn = acting.ended(replace(wish, version=1), ActionStatus.CANCELLED, now=now)
        keep(withdrawn, services, shown=False)
        _refuse_second(services.store.actions(target=target, limit=PAST), services)
        raise BadArgument("act_under_way", word=str(target), name="", state="")
    return replace(wish, version=1)


def _end_watch(services: Services, *, target: Target, actor: Actor) -> None:
    """End the watch over the target's last act, which did its work: whoever asks again does not wait for its end."""
    for action in services.store.actions(target=target, unfinished=True):
        if action.status is ActionStatus.WATCHED:
            reason = clue("asked_again", by=actor.id, name=actor.name)
            ended = acting.ended(action, ActionStatus.HELD, now=services.clock.now(), reason=reason)
            keep(
                ended, services, news=News(kind=EventKind.ACT_HELD, outcome="held: asked again", actor=actor)
            )


def _refuse_second(past: list[Action], services: Services) -> None:
    """Raise BadArgument where an act of the target is not over; one that nobody holds never began."""
    for one in past:
        if not one.over and services.store.job(one.job) is not None:
            facts = {"name": one.asked.name, "state": one.status.value, "id": one.id}
            raise BadArgument("act_under_way", word=str(one.target), usage="", **facts)


# --- somebody says yes, or no


def confirm(
    services: Services, *, actor: Actor, action_id: str, place: Place = Place.HOME, crash: Crash = nothing
) -> "Answer":
    """Count a yes; with enough of them the act is approved and a job does it.

    Raises UnknownName for an id nobody knows, NotAllowed for who is no operator, BadArgument `said_yes_already`.
    Whatever is too late is told, and changes nothing.
    """
    answer = retried(lambda: _confirm(services, actor, action_id, place))
    crash("approved")
    return answer


def cancel(services: Services, *, actor: Actor, action_id: str, place: Place = Place.HOME) -> "Answer":
    """Withdraw a question that waits for its yes. Raises as `confirm` does."""
    return retried(lambda: _cancel(services, actor, action_id, place))


Answer = tuple[Message | None, Action]
"""What only the person who pressed sees, and the act as it stands."""


def _confirm(services: Services, actor: Actor, action_id: str, place: Place) -> Answer:
    now, zone = services.clock.now(), services.settings.timezone
    action = _open(services, actor, action_id, place)
    if action.status is not ActionStatus.PROPOSED:
        return words.too_late(action, now=now, zone=zone), action
    if now >= action.expires_at:
        action = expire(action, services)
        return words.too_late(action, now=now, zone=zone), action
    if _command(action, services) != action.command:
        action = _void(action, services, clue("config_changed"), actor)
        return words.too_late(action, now=now, zone=zone), action
    if any(one.by == actor.id for one in action.approvals):
        raise BadArgument("said_yes_already", word=str(action.target))
    agreed = acting.agreed(action, acting.approval(actor, now=now))
    enough = agreed.status is ActionStatus.APPROVED
    news = News(kind=EventKind.ACT_APPROVED, outcome="approved", actor=actor)
    agreed = keep(agreed, services, next_at=now if enough else None, news=news)
    return None if enough else words.thanks(agreed), agreed


def _cancel(services: Services, actor: Actor, action_id: str, place: Place) -> Answer:
    now, zone = services.clock.now(), services.settings.timezone
    action = _open(services, actor, action_id, place)
    if action.status not in (ActionStatus.PREPARING, ActionStatus.PROPOSED):
        return words.too_late(action, now=now, zone=zone), action
    return None, _void(action, services, clue("cancelled", by=actor.id, name=actor.name), actor)


def _open(services: Services, actor: Actor, action_id: str, place: Place) -> Action:
    """Return the act; who may see to it is asked of the policy as if it was wished anew."""
    action = services.store.action(action_id)
    if action is None:
        raise forged(services, actor, action_id)
    policy = services.settings.access
    authorize(actor, action.verb, policy=policy, place=place, target=str(action.target))
    return action


def forged(services: Services, actor: Actor, word: str) -> UnknownName:
    """Note in the audit that somebody answered a question that was never asked; return the refusal to raise."""
    entry = AuditEntry(
        id=services.ids.new("aud"),
        at=services.clock.now(),
        actor=actor.id,
        verb="confirm",
        target=word[:LONGEST_NOTED],
        outcome="unknown",
    )
    services.store.commit(audit=[entry])
    return UnknownName(kind="question", word=word)


def _void(action: Action, services: Services, reason: Clue, actor: Actor | None) -> Action:
    now = services.clock.now()
    ended = acting.ended(action, ActionStatus.CANCELLED, now=now, reason=reason)
    news = News(kind=EventKind.ACT_CANCELLED, outcome=f"cancelled: {reason.code}", actor=actor)
    return keep(ended, services, news=news)


def expire(
    action: Action, services: Services, *, doing: Job | None = None, reason: Clue | None = None
) -> Action:
    """End a question that nobody said yes to in time."""
    now = services.clock.now()
    why = reason or clue("expired")
    ended = acting.ended(action, ActionStatus.EXPIRED, now=now, reason=why)
    return keep(ended, services, doing=doing, news=News(kind=EventKind.ACT_EXPIRED, outcome="expired"))


def void_questions(services: Services) -> None:
    """End the questions of an earlier run of the bot: a click on them is told to ask again."""
    for action in services.store.actions(unfinished=True):
        if action.status is ActionStatus.PROPOSED:
            retried(lambda one=action: _void_again(one.id, services))  # type: ignore[misc]


def _void_again(action_id: str, services: Services) -> None:
    action = services.store.action(action_id)
    if action is not None and action.status is ActionStatus.PROPOSED:
        expire(action, services, reason=clue("restarted_meanwhile"))


# --- a job takes it on


def run_job(job: Job, services: Services, crash: Crash = nothing) -> None:
    """Take an act to its next state; done twice, it does nothing twice.

    `crash` is called with the name of each point at which a kill must lose and double nothing; the tests kill there.
    """
    retried(lambda: _step(job, services, crash))


def _step(job: Job, services: Services, crash: Crash) -> None:
    action = services.store.action(str(job.payload["action"]))
    if action is None or action.over or action.job != job.id:
        services.store.commit(
            finished=[replace(job, status=JobStatus.DONE, result=action.id if action else "")]
        )
        return
    try:
        acts.specs(action, services)
    except UnknownName:
        verify.give_up(action, job, services, clue("config_changed"))
        return
    if job.attempt > MOST_ATTEMPTS:
        verify.give_up(action, job, services, clue("fault"))
    elif action.status is ActionStatus.PREPARING:
        _propose(action, job, services, crash)
    elif action.status is ActionStatus.PROPOSED:
        expire(action, services, doing=job)
    elif action.status is ActionStatus.APPROVED:
        _execute(action, job, services, crash)
    elif action.status is ActionStatus.SENT:
        verify.look(action, job, services, crash)
    else:
        verify.watch(action, job, services, crash)


def _propose(action: Action, job: Job, services: Services, crash: Crash) -> None:
    """Store the evidence, then ask; where the host cannot be asked or would refuse, say so instead."""
    spec, service = acts.specs(action, services)
    try:
        standing = remedies.look(services.hosts.get(spec.name), service, mark=marks.new(services))
    except HostFailure as failure:
        _not_done(action, job, services, _not_asked(action, failure))
        return
    if reason := acting.unfit(standing, service.unit):
        _not_done(action, job, services, reason)
        return
    if not action.hurried:
        found = _evidence(action, standing.pids, standing.booted_at, services)
        action = replace(action, inspection=found.id, no_evidence=_missing(found))
    else:
        action = replace(action, no_evidence=clue("not_waited", name=action.asked.name))
    crash("evidence")
    now = services.clock.now()
    expires_at = acting.expiry(action.needed, now=now)
    asking = replace(action, status=ActionStatus.PROPOSED, expires_at=expires_at)
    keep(asking, services, doing=job, next_at=expires_at)
    crash("proposed")


def _evidence(action: Action, pids: object, booted_at: int, services: Services) -> Inspection:
    """Return an inspection made now, or the last one where it is fresh, has stacks and is of a process that still runs."""
    mine = f"ins_{action.id.removeprefix('act_')}"
    if made := services.store.inspection(mine):
        return made
    last = services.store.last_inspection(action.target)
    if last and last.stacks and last.process and isinstance(pids, dict):
        age = (services.clock.now() - last.at).total_seconds()
        ticks = pids.get(last.process.pid)
        started = booted_at + ticks // acting.TICKS_PER_SECOND if ticks is not None else None
        same = started is not None and abs(started - last.process.started_at.timestamp()) <= 1
        if age < FRESH_S and same:
            return last
    return inspect.inspect(action.target, services, asked_by_person=True, inspection_id=mine)


def _missing(found: Inspection) -> Clue | None:
    """Return why there are no stacks, None where there are some."""
    if found.stacks:
        return None
    if found.outcome is not ProbeOutcome.OK:
        return clue("look_failed", said=found.reason)
    return next(iter(found.not_seen), clue("no_stacks"))


def _execute(action: Action, job: Job, services: Services, crash: Crash) -> None:
    """Ask all again, look, commit that it is sent, and send it. Never called for what may have been sent already."""
    policy, now = services.settings.access, services.clock.now()
    command = _command(action, services)
    if reason := acting.obstacle(action, policy=policy, command=command, now=now):
        _not_done(action, job, services, reason)
        return
    spec, service = acts.specs(action, services)
    host = services.hosts.get(spec.name)
    try:
        before = remedies.look(host, service, mark=marks.new(services))
    except HostFailure as failure:
        _not_done(action, job, services, _not_asked(action, failure))
        return
    if reason := acting.unfit(before, service.unit):
        _not_done(action, job, services, reason)
        return
    crash("before")
    sent_at = services.clock.now()
    sent = replace(action, status=ActionStatus.SENT, before=before, sent_at=sent_at)
    sent = keep(sent, services, news=News(outcome="begins", facts={"pids": str(sorted(before.pids))}))
    crash("sending")
    try:
        done = remedies.perform(host, sent, before=before)
    except HostFailure as failure:
        verify.lost(sent, job, services, clue("link", said=failure.reason))
        return
    crash("sent")
    verify.came_back(sent, done, job, services, crash)


def _command(action: Action, services: Services) -> tuple[str, ...] | None:
    """Return the command as the config gives it now."""
    try:
        planned = remedies.plan(*acts.specs(action, services))
    except UnknownName:
        return None
    return planned.command if planned else None


def _not_asked(action: Action, failure: HostFailure) -> Clue:
    return clue("host_not_asked", host=action.target.host, outcome=failure.outcome.value, said=failure.reason)


def _not_done(action: Action, job: Job, services: Services, reason: Clue) -> None:
    now = services.clock.now()
    ended = acting.ended(action, ActionStatus.NOT_DONE, now=now, reason=reason)
    news = News(kind=EventKind.ACT_NOT_DONE, outcome=f"not done: {reason.code}")
    keep(ended, services, doing=job, news=news)
