"""The review: read → propose → (echo) → yes → booked, told, remembered. Moved and cancelled likewise, as the same event.

A proposal is a row; its button carries the row's id alone. What a yes does is one transaction: the review, the
invitation, its files, the reminders, the timeline and the audit stand or fall together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.incidents import Incident
from bot.domain.invocations import Invocation, Via
from bot.domain.messages import Line, Message, Notification, Operation
from bot.domain.reviews import PROPOSED_FOR, Person, Purpose, Review, ReviewStatus, ended, standing, too_late
from bot.domain.suggestions import suggestions
from bot.flows import booking, invitees
from bot.flows.booking import Crash, nothing
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import review as words
from bot.present import said

ECHO_PRIORITY = 2
USAGE = "/hang review [INC] WHEN [for 45m] [with @ana @ben]"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants, read. `people` are names without @, empty for who took part."""

    incident: Incident
    start: datetime
    zone: str
    minutes: int
    minutes_given: bool = False
    people: tuple[str, ...] = ()
    purpose: Purpose = Purpose.BOOK


def home_zone(invocation: Invocation, services: Services) -> ZoneInfo:
    """Return the zone that a time without one is in: that of the asker's profile, else the config's."""
    zone = invitees.asker(invocation.actor, services).zone
    return ZoneInfo(zone) if zone else services.settings.timezone


def propose(wanted: Wanted, invocation: Invocation, services: Services) -> Message | None:
    """Keep what was understood as a proposal and echo it; nothing is booked before somebody says yes.

    The echo is returned to whoever has a terminal, and None where it goes into the chat. Raises BadArgument
    `review_exists`, `review_past`, `no_review`; UnknownName for a person nobody knows.
    """
    return _echo(_drafted(wanted, invocation, services), wanted.incident, invocation, services)


def offer(
    question: Line, wanted: Sequence[tuple[Wanted, str]], invocation: Invocation, services: Services
) -> Message:
    """Keep several times that may be meant, and return the question; each button carries the id of one."""
    offers = [
        (replace(_drafted(one, invocation, services), status=ReviewStatus.OFFERED, expires_at=None), typed)
        for one, typed in wanted
    ]
    services.store.commit(reviews=[one for one, _ in offers])
    return _choices(question, offers, wanted[0][0].incident, invocation, services)


def pick(review_id: str, invocation: Invocation, services: Services) -> Message | None:
    """Make a proposal of the time that was picked among several. Raises UnknownName, BadArgument."""

    def take() -> Message | None:
        offered = _known(review_id, services)
        if offered.status is not ReviewStatus.OFFERED:
            raise BadArgument("review_picked", word=review_id)
        incident = _incident(offered, services)
        _refuse(offered, incident, services)
        now = services.clock.now()
        proposed = replace(
            offered,
            status=ReviewStatus.PROPOSED,
            expires_at=now + PROPOSED_FOR,
            updated_at=now,
            channel=_place(invocation, services),
            thread_ts=invocation.thread_ts,
        )
        return _echo(proposed, incident, invocation, services)

    return retried(take)


def suggest(
    incident: Incident, invocation: Invocation, services: Services, *, instead: Review | None = None
) -> Message:
    """Offer times that suit, for a review of an incident; `instead` of a proposal that does not suit.

    Where one is booked already, it is that one which would be moved. Raises BadArgument `review_begun`.
    """
    now, policy = services.clock.now(), services.settings.review
    booked = standing(_booked_ones(incident, services), now=now)
    if booked is not None:
        booked = _booked(incident, services)
    like = instead or booked or _like_the_policy(incident, invocation, services)
    home = ZoneInfo(like.zone)
    times = suggestions(
        now=now,
        until=max(incident.since + timedelta(seconds=policy.within_s), now + timedelta(days=1)),
        minutes=like.minutes,
        zones=[ZoneInfo(one.zone) if one.zone else home for one in like.invitees],
        home=home,
        policy=policy,
        taken=[like.start] if instead or booked else [],
    )
    drafts = [
        replace(
            like,
            id=services.ids.new("rev"),
            start=at.astimezone(UTC),
            organiser=invitees.asker(invocation.actor, services),
            status=ReviewStatus.OFFERED,
            sequence=0,
            moves=booked.id if booked else "",
            purpose=Purpose.MOVE if booked else Purpose.BOOK,
            expires_at=None,
            line=invocation.text,
            updated_at=now,
            version=0,
        )
        for at in times
    ]
    services.store.commit(reviews=drafts)
    offers = [(one, words.typed(one, policy)) for one in drafts]
    question = words.which_time(booked) if offers else words.no_common_time(like)
    return _choices(question, offers, incident, invocation, services)


def cancellation(incident: Incident, invocation: Invocation, services: Services) -> Message | None:
    """Ask whether the booked review of an incident is to be cancelled. Raises BadArgument `no_review`."""
    booked = _booked(incident, services)
    wanted = Wanted(
        incident=incident,
        start=booked.start,
        zone=booked.zone,
        minutes=booked.minutes,
        purpose=Purpose.CANCEL,
    )
    return propose(wanted, invocation, services)


def confirm(review_id: str, invocation: Invocation, services: Services, *, crash: Crash = nothing) -> Message:
    """Say yes to a proposal: book, move or cancel, once, whoever clicks how often. Raises UnknownName, BadArgument.

    `crash` is called with the name of each point at which a kill must lose and double nothing; the tests kill there.
    """

    def say_yes() -> Message:
        proposal = _open_proposal(review_id, services)
        incident = _incident(proposal, services)
        _refuse(proposal, incident, services)
        invitees.still_there(proposal, services)
        booking.carry_out(proposal, incident, invocation.actor, services, crash=crash)
        return words.done(proposal, incident)

    return retried(say_yes)


def drop(review_id: str, invocation: Invocation, services: Services) -> Message:
    """Say no to a proposal. Raises UnknownName, BadArgument where it is answered or too late."""

    def say_no() -> Message:
        proposal = _open_proposal(review_id, services)
        incident = _incident(proposal, services)
        over = ended(proposal, ReviewStatus.EXPIRED, now=services.clock.now())
        services.store.commit(
            reviews=[over],
            notifications=booking.echo_edit(over, incident, services, by=invocation.actor),
            audit=[booking.audited(over, incident, invocation.actor, services, outcome="dropped")],
        )
        return words.dropped(incident)

    return retried(say_no)


def files(incident: Incident, invocation: Invocation, services: Services) -> Message:
    """Bring the files of the booked review once more, into its thread. Raises BadArgument `no_review`."""
    review = _booked(incident, services)
    services.store.commit(notifications=booking.files_again(review, incident, invocation.id, services))
    return words.files(incident)


def listed(services: Services, *, every: bool, only: Incident | None = None) -> Message:
    """Return what is booked; `every`: what was, too."""
    now = services.clock.now()
    over = (ReviewStatus.HELD, ReviewStatus.CANCELLED) if every else ()
    identity = only.id if only else None
    rows = []
    for review in services.store.reviews(
        incident=identity, statuses=(ReviewStatus.BOOKED, *over), limit=booking.MOST
    ):
        incident = services.store.incident(review.incident)
        if incident is not None and (every or review.end > now):
            rows.append((review, incident))
    rows.sort(key=lambda row: row[0].start, reverse=every)
    return words.listing(rows[: booking.MOST_SHOWN], now=now, every=every)


# --- the parts


def _drafted(wanted: Wanted, invocation: Invocation, services: Services) -> Review:
    """Return the proposal of what is wanted, not stored yet."""
    now, incident = services.clock.now(), wanted.incident
    organiser = invitees.asker(invocation.actor, services)
    moves = _booked(incident, services) if wanted.purpose is not Purpose.BOOK else None
    people: tuple[Person, ...]
    if wanted.people:
        people = invitees.named(wanted.people, organiser, services)
    elif moves:
        people = moves.invitees
    else:
        people = invitees.participants(incident, organiser, services)
    draft = Review(
        id=services.ids.new("rev"),
        incident=incident.id,
        start=wanted.start.astimezone(UTC),
        zone=wanted.zone,
        minutes=moves.minutes if moves and not wanted.minutes_given else wanted.minutes,
        organiser=organiser,
        invitees=people,
        status=ReviewStatus.PROPOSED,
        moves=moves.id if moves else "",
        purpose=wanted.purpose,
        named=bool(wanted.people) or moves is not None,
        expires_at=now + PROPOSED_FOR,
        channel=_place(invocation, services),
        thread_ts=invocation.thread_ts,
        line=invocation.text,
        updated_at=now,
    )
    _refuse(draft, incident, services)
    return draft


def _like_the_policy(incident: Incident, invocation: Invocation, services: Services) -> Review:
    """Return a review as the config wants one, of those who took part; its start is yet to be found."""
    organiser, now = invitees.asker(invocation.actor, services), services.clock.now()
    return Review(
        id="",
        incident=incident.id,
        start=now,
        zone=home_zone(invocation, services).key,
        minutes=services.settings.review.minutes,
        organiser=organiser,
        invitees=invitees.participants(incident, organiser, services),
        status=ReviewStatus.OFFERED,
        named=False,
        updated_at=now,
    )


def _place(invocation: Invocation, services: Services) -> str:
    """Return where the echo goes; nowhere for who asked at a terminal."""
    return "" if invocation.via is Via.CONSOLE else invocation.channel or services.settings.channel


def _echo(proposal: Review, incident: Incident, invocation: Invocation, services: Services) -> Message | None:
    """Keep a proposal with its echo, and with the job that takes the echo's buttons away when it is too late."""
    now = services.clock.now()
    before = services.store.review(proposal.moves) if proposal.moves else None
    shown = words.echo(
        proposal,
        incident,
        before=before,
        deeds=invitees.took_part(incident, services)[1] if not proposal.named else {},
        policy=services.settings.review,
        now=now,
        typed=not proposal.channel,
    )
    services.store.commit(
        reviews=[proposal],
        notifications=_echoed(proposal, said.headed(shown, invocation), now=now),
        jobs=[booking.expiry(proposal, now=now)],
        audit=[booking.audited(proposal, incident, invocation.actor, services, outcome="proposed")],
    )
    return None if proposal.channel else shown


def _echoed(proposal: Review, message: Message, *, now: datetime) -> list[Notification]:
    if not proposal.channel:
        return []
    row = Notification(
        id=f"out_{proposal.id}.echo",
        subject=proposal.echo_subject,
        operation=Operation.POST,
        message=message,
        created_at=now,
        channel=proposal.channel,
        thread_ts=proposal.thread_ts,
        priority=ECHO_PRIORITY,
    )
    return [row]


def _choices(
    question: Line,
    offers: Sequence[tuple[Review, str]],
    incident: Incident,
    invocation: Invocation,
    services: Services,
) -> Message:
    policy, now = services.settings.review, services.clock.now()
    typed = invocation.via is Via.CONSOLE
    return words.choices(question, offers, incident, policy=policy, now=now, typed=typed)


def _known(review_id: str, services: Services) -> Review:
    found = services.store.review(review_id.lower())
    if found is None:
        raise BadArgument("review_gone", word=review_id)
    return found


def _incident(review: Review, services: Services) -> Incident:
    found = services.store.incident(review.incident)
    if found is None:
        raise UnknownName(kind="incident", word=review.incident)
    return found


def _booked_ones(incident: Incident, services: Services) -> list[Review]:
    return services.store.reviews(incident=incident.id, statuses=[ReviewStatus.BOOKED, ReviewStatus.HELD])


def _booked(incident: Incident, services: Services) -> Review:
    """Return the review that is booked for an incident and has not begun. Raises BadArgument."""
    now = services.clock.now()
    reviews = _booked_ones(incident, services)
    found = standing(reviews, now=now)
    if found is None:
        past = next(iter(reviews), None)
        raise BadArgument(
            "review_over" if past else "no_review",
            word=incident.key,
            at=words.hours(past) if past else "",
            usage=f"/hang review {incident.key} tomorrow 10:00",
        )
    if found.start <= now:
        raise BadArgument("review_begun", word=incident.key, at=words.hours(found))
    return found


def _open_proposal(review_id: str, services: Services) -> Review:
    """Return a proposal that waits for an answer. Raises UnknownName; BadArgument `review_expired` or `review_answered`."""
    proposal, now = _known(review_id, services), services.clock.now()
    if too_late(proposal, now=now):
        raise BadArgument("review_expired", word=proposal.id, line=proposal.line)
    if proposal.status is not ReviewStatus.PROPOSED:
        raise BadArgument("review_answered", word=proposal.id, status=proposal.status.value)
    return proposal


def _refuse(draft: Review, incident: Incident, services: Services) -> None:
    """Raise BadArgument where a proposal has no point (any more): its time is over, or another one stands."""
    now = services.clock.now()
    if draft.purpose is not Purpose.CANCEL and draft.start <= now:
        raise BadArgument("review_past", word=words.hours(draft), usage=USAGE)
    if draft.purpose is not Purpose.BOOK:
        booked = _booked(incident, services)
        if booked.id != draft.moves:
            raise BadArgument("review_answered", word=draft.id, status="moved")
        return
    booked_ = standing(_booked_ones(incident, services), now=now)
    if booked_ is not None:
        raise BadArgument(
            "review_exists",
            word=incident.key,
            at=words.hours(booked_),
            usage=f"/hang review move {incident.key} …",
        )
