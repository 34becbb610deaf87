"""What is said about a review that is booked: the invitation, its moves, its files, its reminders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.incidents import Incident
from bot.domain.messages import (
    Attachment,
    Context,
    Line,
    Message,
    Metadata,
    Paragraph,
    Section,
    When,
    code,
    flat,
    say,
)
from bot.domain.reviews import Review, ReviewStatus
from bot.present.review import away, hours, listed, named, rung


def metadata(review: Review, incident: Incident) -> Metadata:
    moved = review.sequence > 0 and review.status is ReviewStatus.BOOKED
    payload = {
        "id": review.id,
        "status": "moved" if moved else review.status.value,
        "incident": incident.id,
        "key": incident.key,
        "start": review.start.isoformat(),
        "zone": review.zone,
        "minutes": review.minutes,
        "sequence": review.sequence,
    }
    return Metadata(event_type="hangbot_review", payload=payload)


def summary(incident: Incident) -> str:
    """Return the event's name in a calendar."""
    return f"Review of {incident.key}: {' '.join(incident.title.split())}".strip(": ")


def description(review: Review, incident: Incident) -> str:
    """Return what a calendar shows of it when it is opened."""
    people = ", ".join(one.name for one in review.invitees)
    targets = ", ".join(map(str, incident.targets))
    lines = (
        f"Follow-up of {incident.key}: {incident.title}",
        f"Concerned: {targets}" if targets else "",
        f"With: {people}",
        f"The report is in the chat, in the thread of the invitation ({review.id}); /hang report {incident.key} makes it anew.",
        f"To move it: /hang review move {incident.key} thu 14:00. To cancel it: /hang review cancel {incident.key}",
    )
    return "\n".join(filter(None, lines))


def invitation(
    review: Review, incident: Incident, *, by: str, file: str, remind_s: Sequence[float]
) -> Message:
    """Return the meeting's own message, which is edited for its whole life; `file` is the calendar's, if any."""
    cancelled = review.status is ReviewStatus.CANCELLED
    state = "Cancelled: review" if cancelled else "Moved: review" if review.sequence else "Review"
    title = say(f"{state} of {named(incident)}")
    text = f"{flat(title)}: {hours(review)}. {rung(review.invitees)}"
    word = "cancelled" if cancelled else "moved" if review.sequence else "booked"
    sections: list[Section] = [
        Paragraph(line=say(_when(review), f" · {hours(review)}"), label="When"),
        Paragraph(line=listed(review.invitees, quiet=cancelled), label="Who"),
    ]
    if not cancelled:
        sections.append(Context(line=_to_change(incident, remind_s)))
    sections.append(Context(line=say(f"{word} by {by} · {review.id}")))
    return Message(
        text=text,
        title=title,
        sections=tuple(sections),
        metadata=metadata(review, incident),
        attachment=calendar_file(review, incident, file),
    )


def calendar_file(review: Review, incident: Incident, content: str) -> Attachment | None:
    """Return the calendar's file; its name is another one after each change, so that none is taken for another."""
    if not content:
        return None
    cancelled = review.status is ReviewStatus.CANCELLED
    change = "-cancelled" if cancelled else f"-moved-{review.sequence}" if review.sequence else ""
    return Attachment(
        name=f"{incident.key}-review{change}.ics",
        content=content,
        title="Take it into your calendar",
        again=f"/hang review file {incident.key}",
    )


def _when(review: Review) -> When:
    """Return the start by each reader's own clock; a terminal shows it in UTC."""
    at = review.start.astimezone(UTC)
    return When(at=at, style="date_time", fallback=f"{at.day} {at:%b %H:%M} UTC")


def _to_change(incident: Incident, remind_s: Sequence[float]) -> Line:
    told = " and ".join(_span(seconds) for seconds in sorted(remind_s, reverse=True))
    return say(
        f"I remind you {told} before. " if told else "",
        "To move it: ",
        code(f"/hang review move {incident.key} thu 14:00"),
        ", to cancel it: ",
        code(f"/hang review cancel {incident.key}"),
    )


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole and whole % 86400 == 0:
        return "a day" if whole == 86400 else f"{whole // 86400} days"
    if whole % 60 == 0 and whole < 3600:
        return f"{whole // 60} min"
    return (
        f"{whole // 3600} h" if whole % 3600 == 0 else f"{whole / 60:g} min" if whole >= 60 else f"{whole} s"
    )


def report(incident: Incident, file: Attachment) -> Message:
    """Return the reply that carries the postmortem."""
    line = say(f"What is known of {incident.key} so far, to read before the review.")
    again = replace(file, again=f"/hang report {incident.key}")
    return Message(text=flat(line), sections=(Paragraph(line=line),), attachment=again)


def moved(after: Review, before: Review, incident: Incident, *, by: str, file: str) -> Message:
    """Return the reply that tells of a move, since an edit rings nobody."""
    line = say(f"Moved by {by}: now ", _when(after), f" ({hours(after)}), no longer {hours(before)}.")
    return _told(line, after, incident, file)


def cancelled(after: Review, incident: Incident, *, by: str, file: str) -> Message:
    line = say(f"Cancelled by {by}: the review of {incident.key} on {hours(after)} does not take place.")
    return _told(line, after, incident, file)


def file_again(review: Review, incident: Incident, *, file: str) -> Message:
    line = say(f"The review of {incident.key}, {hours(review)}, for your calendar:")
    return Message(
        text=flat(line),
        sections=(Paragraph(line=line),),
        attachment=calendar_file(review, incident, file),
    )


def _told(line: Line, review: Review, incident: Incident, file: str) -> Message:
    return Message(
        text=f"{flat(line)} {rung(review.invitees)}",
        sections=(Paragraph(line=line), Paragraph(line=listed(review.invitees))),
        attachment=calendar_file(review, incident, file),
    )


# --- reminders


def reminder(review: Review, incident: Incident, *, now: datetime) -> Message:
    line = say(
        f"The review of {named(incident)} begins {away(review, now=now)}: ",
        _when(review),
        f" ({hours(review)}).",
    )
    text = (
        f"Review of {incident.key} begins {away(review, now=now)}: {hours(review)}. {rung(review.invitees)}"
    )
    return Message(text=text, sections=(Paragraph(line=line), Paragraph(line=listed(review.invitees))))


def missed(review: Review, incident: Incident, *, now: datetime) -> Message:
    """Return what is said where the bot was down when it was time to remind."""
    over = now >= review.end
    state = f"was to begin {away(review, now=now)}" if over else f"started {away(review, now=now)}"
    line = say(
        f"The review of {named(incident)} {state} ({hours(review)}). I was not running when it was time to say so."
    )
    text = f"{flat(line)} {rung(review.invitees)}"
    return Message(text=text, sections=(Paragraph(line=line), Paragraph(line=listed(review.invitees))))
