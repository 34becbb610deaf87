"""Who is on call by a calendar: attendees, names in the title, ids; recurring shifts, and a calendar that cannot be read."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.calendars.duty import Calendars, fetched
from bot.domain.reviews import Person
from tests.clocks import HandClock, QuietTelemetry
from tests.flows.review.planning import KnownPeople
from tests.pages.receivers import http_receiver

PEOPLE = KnownPeople(
    {
        "U0ANA0000": Person(id="U0ANA0000", name="ana", email="ana@example.org"),
        "U0BEN0000": Person(id="U0BEN0000", name="ben", email="ben@example.org"),
        "U0OLD0000": Person(id="U0OLD0000", name="old", email="old@example.org", barred="deactivated"),
    }
)
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def calendar(*events: str) -> str:
    inside = "".join(
        f"BEGIN:VEVENT\r\nUID:{at}\r\nDTSTAMP:20261101T000000Z\r\n{one}END:VEVENT\r\n"
        for at, one in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{inside}END:VCALENDAR\r\n"


def shift(
    title: str, *, more: str = "", start: str = "20261123T180000Z", end: str = "20261124T080000Z"
) -> str:
    return f"DTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:{title}\r\n{more}"


def duty(
    text: str | Callable[[], str], clock: HandClock, telemetry: QuietTelemetry | None = None
) -> Calendars:
    made = Calendars(
        {"pay": "https://example.org/x.ics"},
        people=PEOPLE,
        clock=clock,
        telemetry=telemetry or QuietTelemetry(),
        fetch=lambda url: text if isinstance(text, str) else text(),
    )
    made.refresh()
    return made


@pytest.mark.parametrize(
    ("event", "ids"),
    [
        (shift("ana"), ("U0ANA0000",)),
        (shift("@ben"), ("U0BEN0000",)),
        (shift("On call: ana"), ("U0ANA0000",)),
        (shift("ana & ben"), ("U0ANA0000", "U0BEN0000")),
        (shift("Primary - ben"), ("U0BEN0000",)),
        (shift("ana (secondary)"), ("U0ANA0000",)),
        (shift("U0BEN0000 this week"), ("U0BEN0000",)),
        (shift("night shift", more="ATTENDEE;CN=Ana:mailto:ana@example.org\r\n"), ("U0ANA0000",)),
        (shift("ana", more="ATTENDEE:mailto:ben@example.org\r\n"), ("U0BEN0000",)),
        (shift("night", more="ATTENDEE:MAILTO:ana@example.org\r\nATTENDEE:mailto:ben@example.org\r\n"), ("U0ANA0000", "U0BEN0000")),
        (shift("old"), ()),
        (shift("nobody we know"), ()),
        (shift("ana", start="20261124T080000Z", end="20261124T200000Z"), ()),
        (shift("ana", start="20261101T000000Z", end="20261101T120000Z"), ()),
        ("DTSTART;VALUE=DATE:20261124\r\nDTEND;VALUE=DATE:20261125\r\nSUMMARY:ben\r\n", ("U0BEN0000",)),
        (
            shift("ben", start="20261003T180000Z", end="20261004T080000Z", more="RRULE:FREQ=DAILY\r\n"),
            ("U0BEN0000",),
        ),
        (
            shift("ben", start="20261005T180000Z", end="20261006T080000Z", more="RRULE:FREQ=WEEKLY;BYDAY=TU\r\n"),
            (),
        ),
    ],
)  # fmt: skip
def test_the_present_event_names_them(event: str, ids: tuple[str, ...]) -> None:
    assert duty(calendar(event), HandClock(NOW)).ids("pay") == ids


def test_who_comes_next_is_on_call_a_minute_later_without_reading_again() -> None:
    clock = HandClock(NOW)
    text = calendar(shift("ana"), shift("ben", start="20261124T080000Z", end="20261124T200000Z"))
    found = duty(text, clock)
    assert found.ids("pay") == ("U0ANA0000",)
    clock.go_on(5 * 3600 + 61)
    assert found.ids("pay") == ("U0BEN0000",)
    assert found.ids("other") == ()


def test_a_calendar_that_cannot_be_read_leaves_who_was_on_call_and_says_so() -> None:
    clock, telemetry = HandClock(NOW), QuietTelemetry()
    texts = iter([calendar(shift("ana"))])

    def read() -> str:
        try:
            return next(texts)
        except StopIteration as end:
            raise OSError("gone") from end

    found = duty(read, clock, telemetry)
    clock.go_on(120)
    assert found.refresh() == {"pay": "gone"}
    assert found.ids("pay") == ("U0ANA0000",)
    assert found.standing("pay") == 1
    assert [name for name, _ in telemetry.failures] == ["on-call calendar unread"]


@pytest.mark.parametrize("text", ["", "no calendar", "BEGIN:VCALENDAR\r\n", calendar("SUMMARY:ana\r\n")])
def test_junk_names_nobody_and_ends_nothing(text: str) -> None:
    found = duty(text, HandClock(NOW))
    assert found.ids("pay") == ()
    assert found.standing("pay") == 0


def test_what_goes_on_now_is_counted_whomever_it_names() -> None:
    found = duty(calendar(shift("nobody we know"), shift("ana", start="20261124T080000Z")), HandClock(NOW))
    assert found.refresh() == {}
    assert found.standing("pay") == 1
    assert found.standing("other") == 0


def test_it_is_read_over_http() -> None:
    with http_receiver() as receiver:
        assert fetched(receiver.url) == ""
        assert receiver.asked == 1
    with pytest.raises(OSError, match="refused"):
        fetched("http://127.0.0.1:9/x.ics")
