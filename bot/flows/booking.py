"""What a yes to a proposal does, in one transaction; and what the meeting says of itself until it is over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.audit import AuditEntry
from bot.domain.clues import Fact
from bot.domain.errors import Conflict
from bot.domain.incidents import Incident
from bot.domain.invocations import Actor
from bot.domain.jobs import Job, JobKind
from bot.domain.messages import Message, Notification, Operation
from bot.domain.reviews import Purpose, Review, ReviewStatus, ahead, booked, cancelled, ended, moved
from bot.domain.timeline import EventKind, TimelineEvent
from bot.flows import incidents, timeline
from bot.ports import Services
from bot.present import invitation as words
from bot.present import review as echo_words

MOST, MOST_SHOWN = 200, 20
PRIORITY = 3
KINDS = {
    Purpose.BOOK: EventKind.REVIEW_BOOKED,
    Purpose.MOVE: EventKind.REVIEW_MOVED,
    Purpose.CANCEL: EventKind.REVIEW_CANCELLED,
}
Crash = Callable[[str], None]


def nothing(point: str) -> None:
    """Pass a point at which the tests would kill us."""
    del point


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a yes changes: `before` is the review that was booked, if any, `after` the one that stands or is cancelled."""

    proposal: Review
    before: Review | None
    after: Review
    incident: Incident
    by: Actor
    at: datetime


def carry_out(
    proposal: Review, incident: Incident, by: Actor, services: Services, *, crash: Crash = nothing
) -> Review:
    """Do what a proposal says, and return the review as it then is. Raises Conflict where somebody was quicker.

    `incident` is as it was read before anybody looked for reviews of it, and is written too: of two who book, move or cancel
    for one incident at once, one has a Conflict and finds the other's.
    """
    change = _change(proposal, incident, by, services)
    after, now = change.after, change.at
    answered = after if change.before is None else ended(proposal, ReviewStatus.DONE, now=now)
    event = _event(change)
    touched = timeline.touched(services, [event], now=now)
    known = {one.id: one.version for one in touched.incidents}
    if known.get(incident.id, incident.version) != incident.version:
        raise Conflict(f"incident {incident.id} changed meanwhile")
    rest = () if incident.id in known else (replace(incident, updated_at=now),)
    crash("confirming")
    services.store.commit(
        reviews=[after] if answered is after else [after, answered],
        incidents=(*touched.incidents, *rest),
        notifications=[
            *_said(change, services),
            *echo_edit(answered, incident, services, by=by),
            *touched.notifications,
        ],
        jobs=falling_due(after, services, now=now),
        events=[event],
        audit=[audited(after, incident, by, services, outcome=proposal.purpose.value)],
    )
    crash("confirmed")
    return after


def files_again(review: Review, incident: Incident, asked: str, services: Services) -> list[Notification]:
    """Return replies that bring a booked review's files once more; `asked` is the delivery that asked for them."""
    now, file = services.clock.now(), _file(review, incident, services)
    messages = [words.file_again(review, incident, file=file)] if file else []
    messages += _report(incident, services)
    return [
        said(review, Operation.REPLY, message, f"file{number}.{asked}", at=now)
        for number, message in enumerate(messages)
    ]


def falling_due(review: Review, services: Services, *, now: datetime) -> list[Job]:
    """Return a job for each reminder that is still ahead, and one for the end.

    Earlier ones of the same review fall silent by its sequence.
    """
    if review.status is not ReviewStatus.BOOKED:
        return []
    times = ahead(review, services.settings.review.remind_s, now=now)
    planned = " ".join(f"{one:g}" for one in times)
    end = _job(review, "end", due=review.end, now=now)
    return [
        *(
            _job(
                review,
                "remind",
                due=review.start - timedelta(seconds=seconds),
                now=now,
                before_s=seconds,
                planned=planned,
            )
            for seconds in times
        ),
        end,
    ]


def expiry(proposal: Review, *, now: datetime) -> Job:
    """Return the job that takes the buttons of a proposal away when it is too late to answer."""
    return _job(proposal, "expire", due=proposal.expires_at or now, now=now)


def _job(review: Review, what: str, *, due: datetime, now: datetime, **facts: Fact) -> Job:
    before = facts.get("before_s")
    rest = f":{before:g}" if isinstance(before, float) else ""
    return Job(
        id=f"job_{review.id}.{review.sequence}.{what}{rest}",
        kind=JobKind.REMIND,
        key=f"{what}:{review.id}:{review.sequence}{rest}",
        payload={"what": what, "review": review.id, "sequence": review.sequence, **facts},
        created_at=now,
        due_at=due,
    )


def echo_edit(
    proposal: Review, incident: Incident, services: Services, *, by: Actor | None
) -> list[Notification]:
    """Return the edit that takes an answered echo's buttons away; none for an echo on a terminal."""
    if not proposal.channel:
        return []
    shown = echo_words.answered(proposal, incident, by=by.id if by else "", name=by.name if by else "")
    row = Notification(
        id=f"out_{proposal.id}.answered",
        subject=proposal.echo_subject,
        operation=Operation.EDIT,
        message=shown,
        created_at=services.clock.now(),
        priority=PRIORITY,
    )
    return [row]


def audited(review: Review, incident: Incident, by: Actor, services: Services, *, outcome: str) -> AuditEntry:
    return AuditEntry(
        id=services.ids.new("aud"),
        at=services.clock.now(),
        actor=by.id,
        verb="review",
        target=incident.key,
        outcome=outcome,
        facts={
            "review": review.id,
            "start": review.start.isoformat(),
            "zone": review.zone,
            "minutes": review.minutes,
            "sequence": review.sequence,
        },
    )


def said(
    review: Review, operation: Operation, message: Message, what: str, *, at: datetime, channel: str = ""
) -> Notification:
    """Return an outbox row of a review; its id is made of the review's state, so that a step done twice is said once."""
    return Notification(
        id=f"out_{review.id}.{review.sequence}.{what}"[:120],
        subject=review.subject,
        operation=operation,
        message=message,
        created_at=at,
        channel=channel,
        priority=PRIORITY,
    )


# --- the parts


def _change(proposal: Review, incident: Incident, by: Actor, services: Services) -> Change:
    now = services.clock.now()
    before = services.store.review(proposal.moves) if proposal.moves else None
    if before is None:
        after = booked(proposal, now=now)
    elif proposal.purpose is Purpose.MOVE:
        after = moved(before, proposal, now=now)
    else:
        after = cancelled(before, now=now)
    return Change(proposal=proposal, before=before, after=after, incident=incident, by=by, at=now)


def _said(change: Change, services: Services) -> list[Notification]:
    """Return the invitation, posted once and edited from then on, and the reply that brings the report or tells the change."""
    before, after, incident, by = change.before, change.after, change.incident, change.by.name
    file = _file(after, incident, services)
    told = ahead(after, services.settings.review.remind_s, now=change.at)
    shown = words.invitation(after, incident, by=by, file=file, remind_s=told)
    if before is None:
        channel = incident.channel or services.settings.channel
        return [
            said(after, Operation.POST, shown, "invitation", at=change.at, channel=channel),
            *(
                said(after, Operation.REPLY, one, "report", at=change.at)
                for one in _report(incident, services)
            ),
        ]
    reply = (
        words.moved(after, before, incident, by=by, file=file)
        if change.proposal.purpose is Purpose.MOVE
        else words.cancelled(after, incident, by=by, file=file)
    )
    return [
        said(after, Operation.EDIT, replace(shown, attachment=None), "invitation", at=change.at),
        said(after, Operation.REPLY, reply, "change", at=change.at),
    ]


def _report(incident: Incident, services: Services) -> list[Message]:
    """Return the reply that brings the report; none where it cannot be written, since people meet all the same."""
    try:
        return [words.report(incident, incidents.report(incident, services))]
    except Exception as error:  # noqa: BLE001 — a fault of ours in the report must not cost the meeting
        services.telemetry.failure("no report", error, incident=incident.key)
        return []


def _file(review: Review, incident: Incident, services: Services) -> str:
    policy = services.settings.review
    if not policy.ics:
        return ""
    return services.calendar.write(
        review,
        summary=words.summary(incident),
        description=words.description(review, incident),
        remind_s=policy.remind_s,
    )


def _event(change: Change) -> TimelineEvent:
    after, kind = change.after, KINDS[change.proposal.purpose]
    return TimelineEvent(
        id=f"evt_{after.id}.{kind.value}.{after.sequence}",
        at=change.at,
        kind=kind,
        incident=change.incident.id,
        by=change.by.id,
        name=change.by.name,
        facts={
            "review": after.id,
            "start": after.start.isoformat(),
            "zone": after.zone,
            "minutes": after.minutes,
        },
    )
