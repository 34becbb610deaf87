"""The whole tail of `/hang review`, its parts in any order."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.meetings.reading import Wish, read_when, read_wish
from bot.domain.meetings.slot import Ask, Refused, Slot
from handlers.arguments import parse

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 16, 20, tzinfo=BERLIN)
TOMORROW_10 = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)


def wish(text: str) -> Wish:
    return read_wish(text.split(" "), now=NOW, zone=BERLIN)


@pytest.mark.parametrize(
    "text",
    [
        "INC-12 tomorrow 10:00 for 30m with @ben @U024BE7LH",
        "inc-12 tomorrow 10:00 for 30m with @ben and @U024BE7LH",
        "tomorrow 10:00 for 30m with @ben, @U024BE7LH INC-12",
        "with @ben, @U024BE7LH and @ben tomorrow 10:00 for half an hour INC-12",
        "tomorrow with @ben & @U024BE7LH at 10:00-10:30 INC-12",
        "for 30 min INC-12 @ben @U024BE7LH 10:00 tomorrow",
        "INC-12, tomorrow at 10, 30 min, with @ben and @U024BE7LH.",
    ],
)
def test_incident_time_length_and_people_may_stand_in_any_order(text: str) -> None:
    found = wish(text)
    assert found.when == Slot(start=TOMORROW_10, zone="Europe/Berlin", minutes=30, minutes_given=True)
    assert (found.minutes, found.people, found.incident) == (30, ("ben", "U024BE7LH"), "INC-12")


def test_what_is_not_said_is_none() -> None:
    found = wish("tomorrow 10:00")
    assert (found.minutes, found.people, found.incident) == (None, (), None)
    assert isinstance(found.when, Slot)
    assert (found.when.minutes, found.when.end) == (45, TOMORROW_10 + timedelta(minutes=45))


def test_an_incident_may_go_by_its_id() -> None:
    assert wish("inc_0c3g7v1l tomorrow 10:00").incident == "inc_0c3g7v1l"


def test_a_question_keeps_the_length_and_the_people() -> None:
    found = wish("INC-12 tomorrow for 30m with @ben")
    assert isinstance(found.when, Ask)
    assert all(option.text.endswith(" for 30m") for option in found.when.options)
    assert (found.minutes, found.people, found.incident) == (30, ("ben",), "INC-12")


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("tomorrow 10:00 with ben", "person_unclear", "ben"),
        ("tomorrow 10:00 with @ben and eve", "person_unclear", "eve"),
        ("tomorrow 10:00 with", "person_unclear", "with"),
        ("INC-12 INC-13 tomorrow 10:00", "unknown_word", "INC-13"),
        ("web1 tomorrow 10:00 with @ben", "unknown_word", "web1"),
    ],
)
def test_what_is_no_part_of_it_is_named(text: str, code: str, word: str) -> None:
    found = wish(text)
    assert isinstance(found.when, Refused)
    assert (found.when.clue.code, found.when.clue.facts["word"]) == (code, word)


def test_a_line_as_the_chat_hands_it_over_is_read_alike() -> None:
    verb, args = parse("/hang review <mailto:x|INC-12> “tomorrow” 10:00 –11:00 with <@U024BE7LH>")
    found = read_wish(args, now=NOW, zone=BERLIN)
    assert (verb, found.people, found.incident, found.minutes) == ("review", ("U024BE7LH",), "INC-12", 60)
    assert isinstance(found.when, Slot)
    assert found.when.start == TOMORROW_10


def test_a_line_longer_than_any_command_is_refused() -> None:
    for answer in (wish("tomorrow " * 50).when, read_when("tomorrow " * 50, now=NOW, zone=BERLIN)):
        assert isinstance(answer, Refused)
        assert answer.clue.code == "too_long"


def test_who_writes_the_month_first_is_believed() -> None:
    for month_first, expected in ((True, (2027, 5, 6)), (False, (2027, 6, 5))):
        answer = read_when("5/6 10:00", now=NOW, zone=BERLIN, month_first=month_first)
        assert isinstance(answer, Slot)
        assert (answer.start.year, answer.start.month, answer.start.day) == expected


def test_an_australian_s_est_may_be_their_own() -> None:
    answer = read_when("1 dec 10:00 EST", now=NOW, zone=ZoneInfo("Australia/Sydney"))
    assert isinstance(answer, Ask)
    assert {option.slot.zone for option in answer.options} == {"America/New_York", "Australia/Sydney"}
