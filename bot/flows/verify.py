"""After the command was sent: what became of it, does the service answer again, does it last. Only ever looks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from posixpath import basename

from bot import remedies
from bot.domain import acting
from bot.domain.acting import Run
from bot.domain.actions import Action, ActionStatus, Standing
from bot.domain.clues import Clue, Fact, clue
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.errors import HostFailure
from bot.domain.jobs import Job
from bot.domain.observations import ProbeOutcome, ServiceReading, ServiceState
from bot.domain.timeline import EventKind
from bot.flows import acts, findings, inspect, marks
from bot.flows.acts import News, keep
from bot.ports import Services
from bot.present import action as words
from bot.probes import observe
from bot.remedies import Sent

SOON = timedelta(seconds=0.4)
LATER = timedelta(seconds=5)
WATCH_EVERY = timedelta(seconds=3)
WATCHED_FOR = timedelta(minutes=5)
STAYS_FOR = timedelta(seconds=10)
LEAST_PATIENCE_S = 30.0
AWAY = timedelta(seconds=40)
"""Longer than one look takes: after such a gap nobody looked."""
GONE_LOOKS = 3
BAD_LOOKS = 2
LOOKS_FOR = timedelta(minutes=10)
"""How long a host that cannot be asked is asked again what became of it."""
ENDS = {
    ActionStatus.HELD: EventKind.ACT_HELD,
    ActionStatus.RELAPSED: EventKind.ACT_RELAPSED,
    ActionStatus.NOT_VERIFIED: EventKind.ACT_NOT_VERIFIED,
    ActionStatus.UNKNOWN: EventKind.ACT_UNKNOWN,
    ActionStatus.NOT_DONE: EventKind.ACT_NOT_DONE,
}
WELL = (ServiceState.ANSWERING, ServiceState.DEGRADED)

Crash = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look at the service: what runs, and whether it answers."""

    run: Run
    standing: Standing
    reading: ServiceReading


# --- how it came back


def came_back(action: Action, sent: Sent, job: Job, services: Services, crash: Crash) -> None:
    """Note what the command said; where it failed and changed nothing, that is the end."""
    now = services.clock.now()
    if sent.late:
        _end(action, job, services, ActionStatus.NOT_DONE, reason=clue("too_late"))
        return
    if sent.exit is None:
        lost(replace(action, output=sent.output), job, services, clue("no_word"))
        return
    done = replace(action, exit=sent.exit, output=sent.output, done_at=now)
    news = News(kind=EventKind.ACT_DONE, outcome=f"exit {sent.exit}")
    done = keep(done, services, news=news)
    crash("done")
    look(done, job, services, crash)


def lost(action: Action, job: Job, services: Services, why: Clue) -> None:
    """Note that the command itself cannot tell; from now on only looking does."""
    keep(
        replace(action, lost=why),
        services,
        doing=job,
        next_at=services.clock.now(),
        news=News(outcome=f"unknown: {why.code}"),
    )


def look(action: Action, job: Job, services: Services, crash: Crash) -> None:
    """Take one look at what was sent, and the step that it allows."""
    if action.done_at is None and action.lost is None:  # whoever sent it is gone
        action = replace(action, lost=clue("interrupted"))
    try:
        seen = _see(action, services)
    except HostFailure as failure:
        _unseen(action, job, services, failure)
        return
    if action.unsure_at or action.unseen_looks:
        action = replace(action, unsure_at=None, unseen_looks=0)
    if action.done_at is None:
        _resolve(action, seen, job, services)
    elif action.exit and action.answered_at is None and seen.run is Run.SAME:
        _failed(action, seen, job, services)
    elif action.answered_at is None:
        _await_answer(action, seen, job, services)
    else:
        _make_sure(action, seen, job, services, crash)


def _see(action: Action, services: Services) -> Seen:
    """Look at processes, unit and answer. Raises HostFailure where the host cannot be asked."""
    spec, service = acts.specs(action, services)
    host = services.hosts.get(spec.name)
    standing = remedies.look(host, service, mark=marks.new(services), act=action.id)
    sample = host.sample([service])
    if sample.outcome is not ProbeOutcome.OK:
        raise HostFailure(sample.outcome, sample.reason)
    reading = observe(sample, [service], previous=None).services[service.name]
    assert action.before is not None
    return Seen(run=acting.compare(action.before, standing), standing=standing, reading=reading)


def _unseen(action: Action, job: Job, services: Services, failure: HostFailure) -> None:
    """Say that nobody knows, go on looking for ten minutes, then leave it at that.

    Said at once of a command that nobody saw the end of; where it did its work, one look that got no answer is repeated.
    """
    now = services.clock.now()
    if action.done_at is not None and action.unsure_at is None and not action.unseen_looks:
        keep(replace(action, unseen_looks=1), services, doing=job, next_at=now + SOON, shown=False)
    elif action.unsure_at is None:
        why = action.lost or clue("link", said=failure.reason)
        unsure = replace(action, unsure_at=now, lost=why if action.done_at is None else action.lost)
        news = News(kind=EventKind.ACT_UNKNOWN, outcome="unknown", reply=words.plain(unsure))
        keep(unsure, services, doing=job, next_at=now + LATER, news=news)
    elif now - action.unsure_at > LOOKS_FOR:
        reason = clue("never_seen", host=action.target.host)
        _end(action, job, services, ActionStatus.UNKNOWN, reason=reason)
    else:
        keep(action, services, doing=job, next_at=now + LATER, shown=False)


def _resolve(action: Action, seen: Seen, job: Job, services: Services) -> None:
    """Tell from what runs there whether the command did its work. It is never sent again."""
    now, before = services.clock.now(), action.before
    assert before is not None
    waits = acting.under_way(seen.standing) or not acting.fenced(before, seen.standing)
    told = seen.run is Run.UNTOLD and seen.reading.state is ServiceState.ANSWERING
    if seen.run is Run.NEW or told or (seen.run in (Run.GONE, Run.PARTLY) and not waits):
        done = replace(action, done_at=now)
        news = News(kind=EventKind.ACT_DONE, outcome="was done")
        keep(done, services, doing=job, next_at=now, news=news)
    elif seen.run is Run.SAME and not waits:
        reason = clue("not_done_after_all")
        _end(action, job, services, ActionStatus.NOT_DONE, reason=reason, loud=True)
    elif seen.run is Run.UNTOLD and not waits:
        reason = clue("never_seen", host=action.target.host)
        _end(action, job, services, ActionStatus.UNKNOWN, reason=reason, loud=True)
    else:
        keep(action, services, doing=job, next_at=now + SOON, shown=_changes(action, services))


def _failed(action: Action, seen: Seen, job: Job, services: Services) -> None:
    """End what the command itself said no to, once nothing is on its way there any more."""
    if acting.under_way(seen.standing):
        keep(action, services, doing=job, next_at=services.clock.now() + SOON, shown=False)
        return
    spec, _ = acts.specs(action, services)
    why = acting.why_failed(action, user=spec.user, exit=action.exit, output=action.output)
    _end(action, job, services, ActionStatus.NOT_DONE, reason=why, loud=True)


# --- does it answer?


def _await_answer(action: Action, seen: Seen, job: Job, services: Services) -> None:
    """Wait for the first answer of the new run, as long as the service may take to start."""
    now = services.clock.now()
    _, service = acts.specs(action, services)
    patience = timedelta(seconds=max(LEAST_PATIENCE_S, service.start_grace_s))
    since = action.waits_since
    if since is None or now - action.updated_at > AWAY:
        since = now
    action = replace(action, waits_since=since)
    renewed = seen.run in (Run.NEW, Run.PARTLY, Run.UNTOLD)
    gone = seen.reading.state is ServiceState.DOWN and not acting.under_way(seen.standing)
    looks = action.bad_looks + 1 if gone else 0
    if renewed and seen.reading.state is ServiceState.ANSWERING:
        answers = replace(action, answered_at=now, after=seen.standing, bad_looks=0)
        keep(answers, services, doing=job, next_at=now)
    elif looks >= GONE_LOOKS:
        reason = clue("gone", unit=seen.standing.state)
        _not_verified(replace(action, after=seen.standing), job, services, reason)
    elif now - since > patience:
        _still_silent(replace(action, after=seen.standing), seen, job, services)
    else:
        again = replace(action, bad_looks=looks)
        keep(again, services, doing=job, next_at=now + SOON, shown=_changes(action, services))


def _still_silent(action: Action, seen: Seen, job: Job, services: Services) -> None:
    """Look where the new process is stuck, and say whether that is where the old one was."""
    if seen.run is Run.SAME:
        _not_verified(action, job, services, clue("same_process", pid=seen.standing.pid))
        return
    found = _look_again(action, services)
    code, facts = _where(action, found, services)
    pid = found.process.pid if found.process else seen.standing.pid
    _not_verified(replace(action, again=found.id), job, services, clue(code, pid=pid, **facts))


def _make_sure(action: Action, seen: Seen, job: Job, services: Services, crash: Crash) -> None:
    """Look at the fresh stacks, and that the same run still answers ten seconds after its first answer."""
    now = services.clock.now()
    assert action.answered_at is not None
    assert action.after is not None
    if seen.reading.state not in WELL or acting.compare(action.after, seen.standing) in (Run.NEW, Run.GONE):
        if action.bad_looks + 1 < BAD_LOOKS:
            worse = replace(action, bad_looks=action.bad_looks + 1, fell_at=action.fell_at or now)
            keep(worse, services, doing=job, next_at=now + SOON, shown=False)
            return
        lasted = round(((action.fell_at or now) - action.answered_at).total_seconds())
        died = not seen.standing.pids or acting.compare(action.after, seen.standing) is not Run.SAME
        code = "died" if died else "silent_again"
        reason = clue(code, after_s=lasted, unit=seen.standing.state)
        _not_verified(action, job, services, reason)
    elif not action.again:
        found = inspect.inspect(action.target, services, asked_by_person=True)
        looked = replace(action, again=found.id, look=_look_of(found), bad_looks=0, fell_at=None)
        keep(looked, services, doing=job, next_at=max(now, action.answered_at + STAYS_FOR), shown=False)
    elif now < action.answered_at + STAYS_FOR:
        well = replace(action, bad_looks=0, fell_at=None)
        keep(well, services, doing=job, next_at=action.answered_at + STAYS_FOR, shown=False)
    else:
        watched = replace(
            action,
            status=ActionStatus.WATCHED,
            after=seen.standing,
            watch_until=now + WATCHED_FOR,
            bad_looks=0,
            fell_at=None,
        )
        news = News(kind=EventKind.ACT_VERIFIED, outcome="verified")
        keep(watched, services, doing=job, next_at=now + WATCH_EVERY, news=news)
        crash("verified")


def _look_of(found: Inspection) -> str:
    """Return what fresh stacks look like, empty where there are none to tell."""
    headline = next(iter(found.diagnosis.findings), None)
    if not found.stacks or headline is None or found.diagnosis.verdict is Verdict.UNKNOWN:
        return ""
    return headline.cause.value


def _not_verified(action: Action, job: Job, services: Services, reason: Clue) -> None:
    _end(action, job, services, ActionStatus.NOT_VERIFIED, reason=reason, loud=True)


# --- does it last?


def watch(action: Action, job: Job, services: Services, crash: Crash) -> None:
    """Take one cheap look at a service that answers again; two bad ones in a row, and it did not last."""
    now = services.clock.now()
    spec, service = acts.specs(action, services)
    sample = services.hosts.get(spec.name).sample([service])
    reading = observe(sample, [service], previous=None).services.get(service.name)
    blind = reading is None or reading.state is ServiceState.UNKNOWN
    assert action.watch_until is not None
    if not blind and reading and reading.state not in WELL:
        fallen = replace(action, bad_looks=action.bad_looks + 1, fell_at=action.fell_at or now)
        if fallen.bad_looks >= BAD_LOOKS:
            _relapsed(fallen, reading, job, services)
            crash("told")
        else:
            keep(fallen, services, doing=job, next_at=now + SOON, shown=False)
        return
    well = action if blind else replace(action, bad_looks=0, fell_at=None)
    if now < action.watch_until:
        keep(well, services, doing=job, next_at=min(now + WATCH_EVERY, action.watch_until), shown=False)
        return
    if blind and now < action.watch_until + LOOKS_FOR:
        keep(well, services, doing=job, next_at=now + LATER, shown=False)
        return
    reason = clue("unseen_at_the_end") if blind else None
    _end(well, job, services, ActionStatus.HELD, reason=reason)
    crash("told")


def _relapsed(action: Action, reading: ServiceReading, job: Job, services: Services) -> None:
    """Look where it is stuck now, and say how long it lasted: as a reply too, since edits notify nobody."""
    if reading.state is ServiceState.DOWN or not reading.pids:
        reason = clue("lasted_died", unit=reading.unit)
        found = None
    else:
        last = services.store.last_inspection(action.target)
        fresh = last is not None and action.fell_at is not None and last.at >= action.fell_at
        found = last if fresh else _look_again(action, services)
        assert found is not None
        code, facts = _where(action, found, services)
        reason = clue(f"lasted_{code}", **facts)
    fallen = replace(action, again=found.id if found else action.again)
    _end(fallen, job, services, ActionStatus.RELAPSED, reason=reason, loud=True)


def _look_again(action: Action, services: Services) -> Inspection:
    """Inspect what is stuck although it was restarted; its alert's card names the line as well."""
    found = inspect.inspect(action.target, services, asked_by_person=True)
    findings.note(found, services)
    return found


def _where(action: Action, found: Inspection, services: Services) -> tuple[str, dict[str, Fact]]:
    """Return whether it is stuck where it was, and where that is."""
    place = acting.stuck_at(found)
    if place is None:
        return "no_line", {}
    before = services.store.inspection(action.inspection) if action.inspection else None
    if acting.stuck_at(before) is None:
        code = "a_line"
    else:
        code = "same_line" if acting.same_place(before, found) else "other_line"
    return code, {"place": f"{basename(place.file)} {place.line}", "function": place.function}


# --- the end


def give_up(action: Action, job: Job, services: Services, reason: Clue) -> None:
    """End an act that no try could take on, or that the config no longer knows: with what is known of it."""
    if action.status is ActionStatus.SENT:
        _end(action, job, services, ActionStatus.UNKNOWN, reason=reason, loud=True)
    elif action.status is ActionStatus.WATCHED:
        _end(action, job, services, ActionStatus.HELD, reason=clue("unseen_at_the_end"))
    else:
        _end(action, job, services, ActionStatus.NOT_DONE, reason=reason)


def _end(
    action: Action,
    job: Job,
    services: Services,
    status: ActionStatus,
    *,
    reason: Clue | None = None,
    loud: bool = False,
) -> None:
    """Write an end. `loud`: also as a reply."""
    ended = acting.ended(action, status, now=services.clock.now(), reason=reason)
    outcome = status.value.replace("_", " ") + (f": {reason.code}" if reason else "")
    news = News(kind=ENDS[status], outcome=outcome, reply=words.plain(ended) if loud else None)
    keep(ended, services, doing=job, news=news)


def _changes(action: Action, services: Services) -> bool:
    """Return whether the message would read otherwise than as the act is stored."""
    stored = services.store.action(action.id)
    now, zone = services.clock.now(), services.settings.timezone
    return stored is not None and words.message(stored, now=now, zone=zone) != words.message(
        action, now=now, zone=zone
    )
