"""What every calendar must write of a review, read back by another hand: the right instants, one event for life."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendars.ics import Ics
from bot.domain.reviews import Person, Review, ReviewStatus
from bot.ports import Calendar

CALENDARS: dict[str, Callable[[], Calendar]] = {"ics": Ics}
AT = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
ANA = Person(id="U0ANA", name='ana "the; first", ü', zone="Europe/Berlin", email="ana@example.org")
BEN = Person(id="U0BEN", name="ben", zone="America/New_York")
REVIEW = Review(
    id="rev_7f3k",
    incident="inc_1",
    start=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    zone="Europe/Berlin",
    minutes=45,
    organiser=ANA,
    invitees=(ANA, BEN),
    status=ReviewStatus.BOOKED,
    updated_at=AT,
)
AROUND_CHANGES = [
    ("Europe/Berlin", "2026-10-25T00:30"),  # 02:30 in summer time, read twice that night
    ("Europe/Berlin", "2026-10-25T01:30"),  # 02:30 for the second time
    ("Europe/Berlin", "2027-03-28T00:30"),  # ends after the jump
    ("Europe/Berlin", "2027-03-29T08:00"),
    ("America/New_York", "2026-11-01T05:30"),
    ("America/New_York", "2026-11-01T06:30"),
    ("America/New_York", "2027-03-14T14:00"),
    ("Australia/Lord_Howe", "2027-04-03T15:15"),  # half an hour of daylight time
    ("Europe/Dublin", "2027-03-28T09:00"),
    ("Asia/Kathmandu", "2026-12-01T03:15"),
    ("Africa/Casablanca", "2027-02-07T10:00"),  # its clock goes back for Ramadan
    ("America/St_Johns", "2027-06-01T12:00"),
    ("Pacific/Apia", "2026-12-31T22:00"),
    ("UTC", "2026-12-01T09:00"),
]


@pytest.fixture(params=CALENDARS)
def calendar(request: pytest.FixtureRequest) -> Calendar:
    return CALENDARS[request.param]()


def written(calendar: Calendar, review: Review = REVIEW, **changes: Any) -> str:
    given_ = {
        "summary": "Review of INC-12",
        "description": "shop silent on web1",
        "remind_s": (86400.0, 900.0),
    }
    return calendar.write(review, **{**given_, **changes})


def read(text: str) -> tuple[icalendar.Calendar, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def offset(zone: icalendar.Timezone, local: datetime) -> timedelta:
    """Return the offset that a VTIMEZONE gives a reading of its clock: that of the last onset before it (RFC 5545, 3.6.5)."""
    onsets = [(part["dtstart"].dt, part["tzoffsetto"].td) for part in zone.subcomponents]
    return max((one for one in onsets if one[0] <= local), key=lambda one: one[0])[1]


@pytest.mark.parametrize(("zone", "at"), AROUND_CHANGES)
def test_start_and_end_are_the_same_instants_for_who_reads_only_the_file(
    calendar: Calendar, zone: str, at: str
) -> None:
    start = datetime.fromisoformat(at).replace(tzinfo=UTC)
    made, event = read(written(calendar, replace(REVIEW, start=start, zone=zone)))
    for key, instant in (("dtstart", start), ("dtend", start + timedelta(minutes=45))):
        value = event[key].dt
        assert value.astimezone(UTC) == instant
        if "TZID" not in event[key].params:
            assert value.utcoffset() == timedelta()
            continue
        (described,) = made.walk("VTIMEZONE")
        assert described["tzid"] == event[key].params["TZID"] == zone
        assert value.replace(tzinfo=None) - offset(described, value.replace(tzinfo=None)) == instant.replace(
            tzinfo=None
        )


@pytest.mark.parametrize("zone", sorted({zone for zone, _ in AROUND_CHANGES} - {"UTC"}))
def test_the_zone_in_the_file_agrees_with_the_worlds_for_a_year_around(calendar: Calendar, zone: str) -> None:
    made, _ = read(written(calendar, replace(REVIEW, zone=zone)))
    (described,) = made.walk("VTIMEZONE")
    at = REVIEW.start - timedelta(days=360)
    while at < REVIEW.start + timedelta(days=360):
        local = at.astimezone(ZoneInfo(zone))
        if local.replace(fold=1).utcoffset() == local.replace(fold=0).utcoffset():  # read once
            assert offset(described, local.replace(tzinfo=None)) == local.utcoffset(), at
        at += timedelta(minutes=45)


def test_a_meeting_by_a_clock_of_a_place_keeps_that_clock(calendar: Calendar) -> None:
    _, event = read(written(calendar))
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert event["dtstart"].dt.strftime("%H:%M") == "10:00"


def test_a_move_is_the_same_event_with_the_next_sequence_and_a_cancellation_says_so_twice(
    calendar: Calendar,
) -> None:
    first, one = read(written(calendar))
    moved, two = read(written(calendar, replace(REVIEW, sequence=1, start=REVIEW.start + timedelta(days=1))))
    over, three = read(written(calendar, replace(REVIEW, sequence=2, status=ReviewStatus.CANCELLED)))
    assert one["uid"] == two["uid"] == three["uid"]
    assert [one["sequence"], two["sequence"], three["sequence"]] == [0, 1, 2]
    assert [made["method"] for made in (first, moved, over)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["status"] for event in (one, two, three)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert not over.walk("VALARM")


def test_what_every_calendar_program_insists_on_is_there(calendar: Calendar) -> None:
    made, event = read(written(calendar))
    assert {"prodid", "version", "method"} <= {key.lower() for key in made}
    assert {"uid", "dtstamp", "dtstart", "dtend", "summary", "sequence"} <= {key.lower() for key in event}
    assert event["dtstamp"].dt == AT
    assert [alarm["trigger"].dt for alarm in made.walk("VALARM")] == [
        timedelta(days=-1),
        timedelta(minutes=-15),
    ]
    assert not isinstance(event["dtstart"].dt, date) or isinstance(event["dtstart"].dt, datetime)


def test_people_are_asked_where_their_addresses_are_known_and_it_is_right_without_any(
    calendar: Calendar,
) -> None:
    _, event = read(written(calendar))
    assert str(event["organizer"]) == "mailto:ana@example.org"
    assert str(event["attendee"]) == "mailto:ana@example.org"
    nobody = replace(REVIEW, organiser=BEN, invitees=(BEN,))
    _, event = read(written(calendar, nobody))
    assert "organizer" not in event
    assert "attendee" not in event


@pytest.mark.parametrize(
    "person",
    [
        replace(ANA, name="ana\r\nATTENDEE:mailto:eve@evil.example"),
        replace(ANA, name='";X=Y:mailto:eve@evil.example'),
        replace(ANA, email="ana@example.org\r\nATTENDEE:mailto:eve@evil.example"),
        replace(ANA, email="eve@evil.example;ana@example.org"),
    ],
)
def test_no_name_or_address_invites_somebody_else(calendar: Calendar, person: Person) -> None:
    text = written(calendar, replace(REVIEW, organiser=person, invitees=(person,)))
    _, event = read(text)
    asked = {str(event[key]) for key in ("organizer", "attendee") if key in event}
    assert asked <= {"mailto:ana@example.org"}
    assert sum(line.startswith("ATTENDEE") for line in text.split("\r\n")) <= 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=900))
def test_no_title_breaks_out_of_its_line(summary: str, description: str) -> None:
    for make in CALENDARS.values():
        text = written(make(), summary=summary, description=description)
        lines = text.encode().split(b"\r\n")
        assert b"\n" not in b"".join(lines)
        assert b"\r" not in b"".join(lines)
        assert max(map(len, lines)) <= 75
        assert lines.count(b"BEGIN:VEVENT") == 1
        assert lines.count(b"BEGIN:VALARM") == 2
        _, event = read(text)
        assert str(event["summary"]) == shown(summary)


def shown(text: str) -> str:
    """Return what can be kept of a text: no controls but ends of lines and tabs."""
    return "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127))
