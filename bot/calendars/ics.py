"""ports.Calendar as an iCalendar file (RFC 5545), an invitation as in RFC 5546: any calendar program takes it in.

icalendar is imported when the first file is made: a bot at rest does without its 7 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.domain.reviews import Person, Review, ReviewStatus

if TYPE_CHECKING:
    import icalendar

PRODUCT = "-//hangbot//review//EN"
AROUND = timedelta(days=366)
"""How far around the meeting the file knows its zone's changes of the clock."""
STEP = timedelta(hours=6)
MAIL = re.compile(r"[^\s@<>\":;,]+@[^\s@<>\":;,]+")
GONE = dict.fromkeys(c for c in range(32) if chr(c) not in "\n\t") | {0x7F: None}
"""Controls, which RFC 5545 (3.1) lets no text hold."""


class Ics:
    """Fulfils ports.Calendar."""

    def write(self, review: Review, *, summary: str, description: str, remind_s: Sequence[float] = ()) -> str:
        import icalendar  # noqa: PLC0415 — lean at rest

        calendar = icalendar.Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "CANCEL" if review.status is ReviewStatus.CANCELLED else "REQUEST")
        event = _event(review, summary, description)
        for seconds in remind_s if review.status is not ReviewStatus.CANCELLED else ():
            event.add_component(_alarm(summary, seconds))
        zone = _moments(review)[0].tzinfo
        if isinstance(zone, ZoneInfo):
            calendar.add_component(_timezone(zone, around=review.start))
        calendar.add_component(event)
        return str(calendar.to_ical().decode())


def _event(review: Review, summary: str, description: str) -> icalendar.Event:
    import icalendar  # noqa: PLC0415

    cancelled = review.status is ReviewStatus.CANCELLED
    event = icalendar.Event()
    event.add("uid", f"{review.id}@hangbot")
    event.add("sequence", review.sequence)
    event.add("dtstamp", review.updated_at.astimezone(UTC).replace(microsecond=0))
    start, end = _moments(review)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", summary.translate(GONE))
    event.add("description", description.translate(GONE))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    if MAIL.fullmatch(review.organiser.email):
        event.add("organizer", _address(review.organiser), encode=False)
        for person in review.invitees:
            if MAIL.fullmatch(person.email):
                event.add("attendee", _attendee(person), encode=False)
    return event


def _address(person: Person) -> Any:
    import icalendar  # noqa: PLC0415

    address = icalendar.vCalAddress(f"mailto:{person.email}")
    address.params["cn"] = " ".join(person.name.translate(GONE).replace('"', "'").split())
    return address


def _attendee(person: Person) -> Any:
    address = _address(person)
    address.params["partstat"] = "NEEDS-ACTION"
    address.params["rsvp"] = "TRUE"
    return address


def _alarm(summary: str, before_s: float) -> icalendar.Alarm:
    import icalendar  # noqa: PLC0415

    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary.translate(GONE))
    alarm.add("trigger", timedelta(seconds=-round(before_s)))
    return alarm


# --- the clock of a place


def _moments(review: Review) -> tuple[datetime, datetime]:
    """Return start and end by the clock of the review's zone, or both in UTC where that clock cannot say them.

    The second of two equal readings, when clocks go back, has no way to be written with a TZID (RFC 5545, 3.3.5).
    """
    start, end = review.start.astimezone(UTC), review.end.astimezone(UTC)
    if review.zone in ("UTC", "Etc/UTC", ""):
        return start, end
    zone = ZoneInfo(review.zone)
    local = (start.astimezone(zone), end.astimezone(zone))
    if any(one.fold for one in local):
        return start, end
    return local


def _timezone(zone: ZoneInfo, *, around: datetime) -> icalendar.Timezone:
    """Return the VTIMEZONE with every change of the clock a year around a moment.

    Written here and not by icalendar 7.3, whose onsets of daylight time are an hour late: RFC 5545 (3.6.5) wants them
    by the clock that was valid before.
    """
    import icalendar  # noqa: PLC0415

    made = icalendar.Timezone()
    made.add("tzid", zone.key)
    first = (around - AROUND).astimezone(UTC)
    made.add_component(_observance(first, zone, before=first.astimezone(zone).utcoffset()))
    for at in _changes(zone, first, first + 2 * AROUND):
        before = (at - timedelta(seconds=1)).astimezone(zone).utcoffset()
        made.add_component(_observance(at, zone, before=before))
    return made


def _observance(at: datetime, zone: ZoneInfo, *, before: timedelta | None) -> Any:
    import icalendar  # noqa: PLC0415

    local = at.astimezone(zone)
    made = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
    made.add("dtstart", (at + (before or timedelta())).replace(tzinfo=None))
    made.add("tzoffsetfrom", before)
    made.add("tzoffsetto", local.utcoffset())
    made.add("tzname", local.tzname())
    return made


def _changes(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the moments at which the clock of a place is set, to the second."""
    at, offset = since, since.astimezone(zone).utcoffset()
    while at < until:
        following = at + STEP
        if following.astimezone(zone).utcoffset() != offset:
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (low, middle) if middle.astimezone(zone).utcoffset() != offset else (middle, high)
            yield high.replace(microsecond=0)
            offset = following.astimezone(zone).utcoffset()
        at = following
