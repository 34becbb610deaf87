"""How slots, questions and refusals are said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.meetings.reading import read_when
from bot.domain.meetings.slot import Ask, Refused, Slot
from bot.domain.messages import flat
from bot.present import meetings as present

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 16, 20, tzinfo=BERLIN)


def slot(text: str, zone: ZoneInfo = BERLIN) -> Slot:
    answer = read_when(text, now=NOW, zone=zone)
    assert isinstance(answer, Slot), answer
    return answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow 10:00", "Tuesday 24 November 2026, 10:00–10:45 Europe/Berlin (09:00 UTC)"),
        ("tomorrow 10:00 for 2h", "Tuesday 24 November 2026, 10:00–12:00 Europe/Berlin (09:00 UTC)"),
        ("tomorrow 10:00 UTC", "Tuesday 24 November 2026, 10:00–10:45 UTC"),
        ("tomorrow 23:30", "Tuesday 24 November 2026, 23:30–00:15 (Wednesday) Europe/Berlin (22:30 UTC)"),
        ("tomorrow 00:30", "Tuesday 24 November 2026, 00:30–01:15 Europe/Berlin (Monday 23:30 UTC)"),
    ],
)
def test_a_slot_is_echoed_with_weekday_zone_and_utc(text: str, expected: str) -> None:
    assert present.moment(slot(text)) == expected


def test_a_meeting_lasts_as_long_as_it_should_where_clocks_change_meanwhile() -> None:
    found = slot("2027-03-28 01:30 for 1h")
    assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == timedelta(hours=1)
    assert "01:30–03:30" in present.moment(found)


@pytest.mark.parametrize(
    ("text", "expected"), [("in 25 min", "in 25 min"), ("in 29h", "in 29 h"), ("in 12 days", "in 12 days")]
)
def test_the_distance_is_said_in_the_unit_that_people_use(text: str, expected: str) -> None:
    assert present.distance(slot(text), now=NOW) == expected


def test_the_two_times_of_a_night_are_told_apart_by_their_offsets() -> None:
    now = datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN)
    answer = read_when("tomorrow 02:30", now=now, zone=BERLIN)
    assert isinstance(answer, Ask)
    assert [present.label(option) for option in answer.options] == [
        "Sun 25 Oct, 02:30 (UTC+0200)",
        "Sun 25 Oct, 02:30 (UTC+0100)",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("banana", "I do not understand banana. I read tomorrow 10:00, tue 14:30, in 2 days at 9."),
        ("wendesday 10:00", "I do not understand wendesday. Did you mean wednesday?"),
        (
            "2027-03-28 02:30",
            "There is no 02:30 on Sunday 28 March 2027 in Europe/Berlin: clocks jump from 01:59 to 03:00.",
        ),
        ("5/6 10:00", "5/6 can be read in two ways. Write 5 jun or 6 may."),
        ("5/6/2027 10:00", "5/6/2027 can be read in two ways. Write 2027-06-05 or 2027-05-06."),
        ("20 nov 10:00", "Friday 20 November 2026 is just over. If you mean next year: 2027-11-20."),
        ("wed 1 dec 10:00", "Tuesday 1 December 2026 is no wed. Leave one of them out."),
        ("the 31st 10:00", "There is no 31st in November 2026."),
        (
            "today 10:00",
            "Monday 23 November 2026, 10:00 Europe/Berlin is over. A meeting needs a time to come.",
        ),
        ("10:00 europe/berln", "I know no time zone europe/berln. Did you mean Europe/Berlin?"),
        ("2", "2 alone can be many things. An hour is at 10 or 10:00."),
    ],
)
def test_a_refusal_names_the_word_and_what_to_type(text: str, expected: str) -> None:
    answer = read_when(text, now=NOW, zone=BERLIN)
    assert isinstance(answer, Refused)
    assert flat(present.refused(answer.clue)) == expected


def test_an_answer_is_one_document_for_programs() -> None:
    assert present.document(slot("tomorrow 10:00")) == {
        "start": "2026-11-24T10:00:00+01:00", "zone": "Europe/Berlin", "minutes": 45
    }  # fmt: skip
    asked = present.document(read_when("next fri 10:00", now=NOW, zone=BERLIN))
    assert asked == {
        "ask": "Which day do you mean by next fri?",
        "options": ["2026-11-27 10:00 Europe/Berlin", "2026-12-04 10:00 Europe/Berlin"],
    }
    assert set(present.document(read_when("banana", now=NOW, zone=BERLIN))) == {"refused"}
