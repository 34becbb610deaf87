"""What is said about a review that is wished for: the echo that waits for a yes, a choice of times, what is booked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.incidents import Incident
from bot.domain.meetings.slot import Slot
from bot.domain.messages import (
    Bullets,
    Button,
    Buttons,
    Context,
    Line,
    Mention,
    Message,
    Paragraph,
    Section,
    Span,
    bold,
    code,
    flat,
    italic,
    say,
)
from bot.domain.reviews import PROPOSED_FOR, Person, Purpose, Review, ReviewStatus
from bot.domain.settings import ReviewPolicy
from bot.domain.suggestions import Misfit, misfit
from bot.domain.timeline import EventKind
from bot.present import meetings
from bot.present.alert_words import span

SHORT_MIN = 15
A_MINUTE, SOON = timedelta(minutes=1), timedelta(minutes=15)
LONGEST_TITLE = 120
MISFITS = {Misfit.WEEKEND: "on a weekend", Misfit.HOURS: "outside working hours"}
DEEDS: Mapping[EventKind, str] = {
    EventKind.ACKNOWLEDGED: "acknowledged",
    EventKind.SILENCED: "silenced",
    EventKind.UNSILENCED: "ended a silence",
    EventKind.INSPECTED: "inspected",
    EventKind.ACT_ASKED: "asked for a remedy",
    EventKind.ACT_APPROVED: "approved a remedy",
    EventKind.ACT_CANCELLED: "called a remedy off",
    EventKind.NOTED: "wrote notes",
    EventKind.INCIDENT_OPENED: "opened it",
    EventKind.INCIDENT_RESOLVED: "resolved it",
}
"""What makes somebody one who took part, as it is said of them."""


# --- parts


def named(incident: Incident) -> str:
    title = " ".join(incident.title.split())
    short = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
    return f'{incident.key} "{short}"' if short else incident.key


def hours(review: Review) -> str:
    """Return a review's time in the zone it was said in: `Tuesday 24 November 2026, 10:00–10:45 Europe/Berlin`."""
    shown = meetings.moment(_slot(review))
    return shown.rpartition(" (")[0] if shown.endswith(" UTC)") else shown


def away(review: Review, *, now: datetime) -> str:
    """Return how far away it is: `in 29 h`, or `5 min ago`."""
    left = review.start - now
    if left.total_seconds() < 0:
        return f"{span(-left)} ago"
    return f"in {span(left)}" if left < A_MINUTE else meetings.distance(_slot(review), now=now)


def typed(review: Review, policy: ReviewPolicy) -> str:
    """Return a phrase that the grammar reads as this time again."""
    length = f" for {review.minutes}m" if review.minutes != policy.minutes else ""
    others = [f"@{one.name}" for one in review.invitees if one.id != review.organiser.id]
    people = f" with {' '.join(others)}" if others and review.named and not review.moves else ""
    return f"{review.start.astimezone(ZoneInfo(review.zone)):%Y-%m-%d %H:%M} {review.zone}{length}{people}"


def _slot(review: Review) -> Slot:
    start = review.start.astimezone(ZoneInfo(review.zone))
    return Slot(start=start, zone=review.zone, minutes=review.minutes, minutes_given=True)


def mention(person: Person, *, quiet: bool = True) -> Mention:
    """Mention somebody; who typed on the bot's own machine has no name that the chat could ring."""
    return Mention(id=person.id, name=person.name, quiet=quiet or ":" in person.id or not person.id)


def listed(people: Sequence[Person], *, quiet: bool = False) -> Line:
    spans: list[Span] = []
    for number, person in enumerate(people):
        spans += say(" " if number else "")
        spans.append(mention(person, quiet=quiet))
    return tuple(spans)


def rung(people: Sequence[Person]) -> str:
    """Return the mentions for a message's text, which the renderer makes live."""
    return " ".join(f"@{one.name if ':' in one.id else one.id}" for one in people)


def _by_their_clocks(review: Review, policy: ReviewPolicy) -> Line:
    """Return each invitee with the time it is for them, and a warning where that is no time to meet."""
    spans: list[Span] = []
    for number, person in enumerate(review.invitees):
        spans += say(" · " if number else "")
        spans.append(mention(person))
        zone = ZoneInfo(person.zone) if person.zone else None
        if zone is not None:
            spans += say(f" {_their_time(review, zone)}")
        problem = misfit(review.start, review.minutes, zone or ZoneInfo(review.zone), policy)
        if problem is not None:
            spans += say(" ⚠ ", italic(MISFITS[problem]))
    return tuple(spans)


def _their_time(review: Review, zone: ZoneInfo) -> str:
    here, there = review.start.astimezone(ZoneInfo(review.zone)), review.start.astimezone(zone)
    shown = f"{there:%H:%M}" if here.date() == there.date() else f"{there:%a %H:%M}"
    city = zone.key.rpartition("/")[2].replace("_", " ")
    return shown if here.utcoffset() == there.utcoffset() else f"{shown} {city}"


def _why(people: Sequence[Person], deeds: Mapping[str, Sequence[EventKind]]) -> Line:
    """Say who took part and how, for those who were not named by the asker."""
    shown = [
        f"{person.name} ({', '.join(DEEDS[kind] for kind in deeds[person.id])})"
        for person in people
        if deeds.get(person.id)
    ]
    return say("Invited because they took part: ", ", ".join(shown), ".") if shown else ()


# --- the echo


def echo(
    review: Review,
    incident: Incident,
    *,
    before: Review | None = None,
    deeds: Mapping[str, Sequence[EventKind]],
    policy: ReviewPolicy,
    now: datetime,
    typed: bool = False,
) -> Message:
    """Return what was understood, with what a yes would do. `before` is the booked review that it would change.

    `typed`: whoever reads it has no buttons.
    """
    title, line = _understood(review, incident, before, now)
    sections: list[Section] = [Paragraph(line=line)]
    if review.purpose is not Purpose.CANCEL:
        sections.append(Paragraph(line=_by_their_clocks(review, policy)))
        if doubts := _doubts(review, now):
            sections.append(Paragraph(line=say(f"⚠ {doubts}")))
        if because := _why(review.invitees, deeds if not review.named else {}):
            sections.append(Context(line=because))
    sections += [Buttons(buttons=_choices(review)), Context(line=_footnote(review, typed=typed))]
    return Message(text=f"{flat(title)}: {flat(line)}", title=title, sections=tuple(sections))


def _doubts(review: Review, now: datetime) -> str:
    short = f"Only {review.minutes} min long. " if review.minutes < SHORT_MIN else ""
    soon = f"It starts in {span(review.start - now)}." if review.start - now < SOON else ""
    return f"{short}{soon}".strip()


def _understood(
    review: Review, incident: Incident, before: Review | None, now: datetime
) -> tuple[Line, Line]:
    if review.purpose is Purpose.CANCEL and before is not None:
        return say(f"Cancel the review of {named(incident)}?"), say(
            f"It is booked for {hours(before)} ({away(before, now=now)})."
        )
    at = f"{hours(review)} ({away(review, now=now)})"
    if review.purpose is Purpose.MOVE and before is not None:
        return say(f"Move the review of {named(incident)}"), say(f"to {at}; it was {hours(before)}.")
    return say(f"Review of {named(incident)}"), say(f"{at}.")


def _choices(review: Review) -> tuple[Button, ...]:
    yes = {Purpose.BOOK: "Book it", Purpose.MOVE: "Move it", Purpose.CANCEL: "Cancel the review"}[
        review.purpose
    ]
    if review.purpose is Purpose.CANCEL:
        return (
            Button(action="confirm", label=yes, value=review.id, style="danger"),
            Button(action="cancel", label="Keep it", value=review.id),
        )
    return (
        Button(action="confirm", label=yes, value=review.id, style="primary"),
        Button(action="other_time", label="Other time", value=review.id),
        Button(action="cancel", label="Cancel", value=review.id),
    )


def _footnote(review: Review, *, typed: bool) -> Line:
    waits = f" · expires in {span(PROPOSED_FOR)} · {review.id}"
    told = say(" · to say yes: ", code(f"/hang confirm {review.id}")) if typed else ()
    return say("asked by ", mention(review.organiser), waits) + told


def answered(review: Review, incident: Incident, *, by: str, name: str) -> Message:
    """Return the echo once somebody has said yes or no, or nobody has: without its buttons."""
    who = Mention(id=by, name=name)
    done = {Purpose.BOOK: "booked", Purpose.MOVE: "moved", Purpose.CANCEL: "cancelled"}[review.purpose]
    if review.status is ReviewStatus.EXPIRED and not by:
        line = say(f"Nobody said yes within {span(PROPOSED_FOR)}, so nothing was {done}. Type it again.")
    elif review.status is ReviewStatus.EXPIRED:
        line = say("Never mind, said ", who, f": nothing was {done}.")
    else:
        line = say(f"{done.capitalize()} by ", who, ".")
    title = say(f"Review of {named(incident)}")
    shown = () if review.purpose is Purpose.CANCEL else (Paragraph(line=say(f"{hours(review)}")),)
    return Message(text=f"{flat(title)}: {flat(line)}", title=title, sections=(*shown, Paragraph(line=line)))


# --- choosing a time


def which_time(booked: Review | None) -> Line:
    """Return the question in front of times that suit; `booked` is the review that would be moved."""
    if booked is not None:
        return say(f"It is booked for {hours(booked)}. Move it to one of these?")
    return say("When? These suit best, by everybody's working hours:")


def no_common_time(review: Review) -> Line:
    return say(f"I find no {review.minutes} min within working hours in the next two weeks.")


def choices(
    question: Line,
    offers: Sequence[tuple[Review, str]],
    incident: Incident,
    *,
    policy: ReviewPolicy,
    now: datetime,
    typed: bool = False,
) -> Message:
    """Return a question with a button for each answer; `typed`: whoever reads it has none, and sees what to type.

    A button stands alone in its row: in one row no two may have the same action.
    """
    moves = any(offer.purpose is Purpose.MOVE for offer, _ in offers)
    again = f"/hang {'review move' if moves else 'review'} {incident.key}"
    sections: list[Section] = [Paragraph(line=question)]
    for offer, phrase in offers:
        at = offer.start.astimezone(ZoneInfo(offer.zone))
        label = f"{at:%a} {at.day} {at:%b} {at:%H:%M} {at:%Z}"
        shown = say(bold(f"{hours(offer)} "), f"({away(offer, now=now)})  ")
        sections.append(Paragraph(line=shown + _by_their_clocks(offer, policy)))
        sections.append(Buttons(buttons=(Button(action="review", label=label, value=offer.id),)))
        if typed:
            sections.append(Context(line=say("to choose it: ", code(f"{again} {phrase}"))))
    sections.append(Context(line=say("Or type another one: ", code(f"{again} thu 14:00"))))
    return Message(text=flat(question), title=say(f"Review of {named(incident)}"), sections=tuple(sections))


# --- what is booked


def listing(rows: Sequence[tuple[Review, Incident]], *, now: datetime, every: bool) -> Message:
    """Return what is booked; `every`: also what is over or cancelled."""
    if not rows:
        line = say(
            "No review is booked" if not every else "There has been no review",
            ". ",
            code("/hang review tomorrow 10:00"),
            " books one.",
        )
        return Message(text=flat(line), sections=(Paragraph(line=line),))
    lines = tuple(_listed_review(review, incident, now) for review, incident in rows)
    title = say("Reviews" if every else "Booked reviews")
    text = "; ".join(flat(line) for line in lines[:5])
    return Message(text=f"{flat(title)}: {text}", title=title, sections=(Bullets(lines=lines),))


def _listed_review(review: Review, incident: Incident, now: datetime) -> Line:
    if review.status is ReviewStatus.CANCELLED:
        state = "cancelled"
    else:
        state = away(review, now=now) if review.end > now else f"over, {away(review, now=now)}"
    who = listed(review.invitees, quiet=True)
    return say(bold(named(incident)), f": {hours(review)} ({state}) · ") + who


def done(review: Review, incident: Incident) -> Message:
    """Return what somebody is told who said yes at a terminal."""
    word = {Purpose.BOOK: "Booked", Purpose.MOVE: "Moved", Purpose.CANCEL: "Cancelled"}[review.purpose]
    line = say(f"{word}: the review of {named(incident)}, {hours(review)}.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))


def files(incident: Incident) -> Message:
    line = say(f"The files of the review of {incident.key} come into its thread.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))


def dropped(incident: Incident) -> Message:
    line = say(f"Never mind: nothing changes for {incident.key}.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))
