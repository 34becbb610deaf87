"""What belongs to an incident, and how its timeline is folded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.incidents import Incident, covers, joined, number_in
from bot.domain.targets import Target
from bot.domain.timeline import EventKind, TimelineEvent, belongs, entries

BEGAN = datetime(2026, 11, 24, 2, 58, 10, tzinfo=UTC)
SHOP = Target(host="web1", service="shop")
API = Target(host="web1", service="api")
WEB1 = Target(host="web1")
OPEN = Incident(
    id="inc_1", number=1, title="x", opened_by="U", opened_name="u", opened_at=BEGAN + timedelta(minutes=1), since=BEGAN,
    targets=(SHOP,), alerts=("alr_1",), updated_at=BEGAN,
)  # fmt: skip
OVER = Incident(
    id="inc_1", number=1, title="x", opened_by="U", opened_name="u", opened_at=BEGAN, since=BEGAN,
    targets=(SHOP,), alerts=("alr_1",), resolved_at=BEGAN + timedelta(minutes=10), updated_at=BEGAN,
)  # fmt: skip


def event(minutes: float, kind: EventKind = EventKind.FIRED, **rest: Any) -> TimelineEvent:
    at = BEGAN + timedelta(minutes=minutes)
    return TimelineEvent(id=f"evt_{kind}.{minutes}.{rest.get('alert')}", at=at, kind=kind, **rest)


@pytest.mark.parametrize(
    ("word", "number"),
    [("INC-12", 12), ("inc-12", 12), ("inc12", 12), ("12", 12), ("#12", 12), ("INC_12", 12), ("incident-7", 7), ("INC 12", 12),
     ("inc-", None), ("inc-1x", None), ("-12", None), ("twelve", None), ("", None), ("1234567", None), ("12.", None)],
)  # fmt: skip
def test_an_incident_is_named_as_people_type_it(word: str, number: int | None) -> None:
    assert number_in(word) == number


@pytest.mark.parametrize(
    ("happened", "open_one", "over_one"),
    [
        (event(0, EventKind.FIRST_BAD, target=SHOP, alert="alr_1"), True, True),
        (event(-1, target=SHOP, alert="alr_1"), False, False),  # an earlier episode
        (event(5, target=SHOP, alert="alr_2"), True, True),
        (event(5, target=API, alert="alr_3"), False, False),
        (event(5, target=WEB1, alert="alr_4"), True, True),  # what befalls the host befalls the shop
        (event(5, target=Target(host="web2", service="shop")), False, False),
        (event(5, EventKind.SILENCED, target=WEB1), True, True),
        (event(15, EventKind.RESOLVED, target=SHOP, alert="alr_1"), True, True),  # its own end, a little late
        (event(15, EventKind.ACT_HELD, target=SHOP), True, True),
        (event(15, target=SHOP, alert="alr_2"), True, False),  # another trouble, later
        (event(75, EventKind.RESOLVED, target=SHOP, alert="alr_1"), True, False),
        (event(5, EventKind.ACT_DONE, target=API), False, False),
        (event(500, EventKind.NOTED, incident="inc_1"), True, True),  # said of it, whenever
        (event(5, EventKind.NOTED, incident="inc_2", target=SHOP, alert="alr_1"), False, False),
    ],
)
def test_what_belongs_to_an_incident(happened: TimelineEvent, open_one: bool, over_one: bool) -> None:
    assert (belongs(happened, OPEN), belongs(happened, OVER)) == (open_one, over_one)


def look(minutes: float, line: int = 41, target: Target = SHOP) -> TimelineEvent:
    facts = {"verdict": "hung", "file": "s.py", "line": line, "function": "f"}
    return event(minutes, EventKind.INSPECTED, target=target, facts=facts, alert=f"alr_{line}{target}")


def test_looks_that_find_the_same_line_are_one_entry_that_says_how_often() -> None:
    (first, other) = entries([look(1), look(3, 44), look(2), look(4)], OPEN)
    assert (first.event.at, first.again, first.last_at) == (look(1).at, 2, look(4).at)
    assert (other.event.facts["line"], other.again) == (44, 0)


@pytest.mark.parametrize("between", [EventKind.ACT_DONE, EventKind.REOPENED, EventKind.ACT_RELAPSED])
def test_the_same_line_after_a_restart_is_news(between: EventKind) -> None:
    found = entries([look(1), event(2, between, target=SHOP), look(3)], OPEN)
    assert [one.event.kind for one in found] == [EventKind.INSPECTED, between, EventKind.INSPECTED]


def test_entries_come_in_the_order_of_time_and_each_event_once() -> None:
    found = entries([event(3, target=SHOP), event(1, target=SHOP), event(3, target=SHOP)], OPEN)
    assert [one.event.at for one in found] == [event(1).at, event(3).at]


def test_a_host_stands_for_all_on_it() -> None:
    host = Incident(
        id="inc_2", number=2, title="x", opened_by="U", opened_name="u", opened_at=BEGAN, since=BEGAN, targets=(WEB1,),
        updated_at=BEGAN,
    )  # fmt: skip
    assert covers(host, SHOP)
    assert covers(OPEN, WEB1)
    assert not covers(OPEN, API)
    assert not covers(OPEN, None)
    assert joined(OPEN, []) == OPEN
