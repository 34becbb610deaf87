"""What is usual for a host at this hour: by the days before, whatever happened on some of them."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.domain.alerts import Severity
from bot.domain.evaluation import State, evaluate
from bot.domain.expressions import ExpressionError, compile_expression
from bot.domain.history import Point, rolled
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.replay import NotReplayable, Row, replay, rows_of
from bot.domain.rule import Rule
from bot.domain.usual import Bounds, bounds

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def history(days: int, *, outage: range = range(0), name: str = "load1", seed: int = 7) -> list[Point]:
    """Return what a host read: calm, a backup each night at 2:00 of the wall clock, and on some days all wrong."""
    random = Random(seed)
    points = []
    for back in range(days, 0, -1):
        for step in range(144):
            at = NOW - timedelta(days=back) + timedelta(minutes=10 * step)
            local = at.astimezone(BERLIN)
            value = 0.4 + random.random() * 0.3
            value += 6.0 if local.hour == 2 else 0.0
            value = 90.0 if back in outage else value
            points.append(Point(at=at.timestamp(), mean={name: value}, peak={name: value}))
    return points


def test_a_nights_backup_is_usual_at_its_hour_and_at_no_other() -> None:
    points = history(28)
    at_two = bounds(points, "load1", now=datetime(2026, 11, 24, 1, 30, tzinfo=UTC), zone=BERLIN)
    at_noon = bounds(points, "load1", now=datetime(2026, 11, 24, 11, 0, tzinfo=UTC), zone=BERLIN)
    assert at_two is not None
    assert at_noon is not None
    assert not at_two.is_unusual(6.8, "load1")
    assert at_two.is_unusual(15.0, "load1")
    assert at_noon.is_unusual(6.8, "load1")
    assert not at_noon.is_unusual(0.8, "load1")


def test_a_week_of_outages_among_four_changes_nothing() -> None:
    noon = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    calm = bounds(history(28), "load1", now=noon, zone=BERLIN)
    rough = bounds(history(28, outage=range(8, 15)), "load1", now=noon, zone=BERLIN)
    assert calm is not None
    assert rough is not None
    assert rough.high < 2 * calm.high
    assert rough.is_unusual(5.0, "load1")


def test_with_fewer_than_five_days_nothing_is_usual() -> None:
    assert bounds(history(4), "load1", now=NOW, zone=BERLIN) is None
    assert bounds(history(6), "load1", now=NOW, zone=BERLIN) is not None
    assert bounds([], "load1", now=NOW, zone=BERLIN) is None
    assert bounds(history(28), "load5", now=NOW, zone=BERLIN) is None


def test_today_says_nothing_about_what_is_usual() -> None:
    today = [
        Point(at=(NOW - timedelta(minutes=10 * n)).timestamp(), mean={"load1": 99.0}, peak={"load1": 99.0})
        for n in range(60)
    ]
    plain = bounds(history(28), "load1", now=NOW, zone=BERLIN)
    assert bounds([*history(28), *today], "load1", now=NOW, zone=BERLIN) == plain


def test_of_memory_less_is_worse() -> None:
    points = history(28, name="mem_available_bytes")
    found = bounds(points, "mem_available_bytes", now=datetime(2026, 11, 24, 11, tzinfo=UTC), zone=BERLIN)
    assert found is not None
    assert found.is_unusual(0.01, "mem_available_bytes")
    assert not found.is_unusual(100.0, "mem_available_bytes")


@pytest.mark.parametrize(
    "change", [datetime(2026, 10, 26, 1, 30, tzinfo=UTC), datetime(2026, 4, 1, 0, 30, tzinfo=UTC)]
)
def test_the_wall_clock_counts_where_it_was_put_forward_or_back(change: datetime) -> None:
    """A backup at 2:00 stays at 2:00 for people, whatever UTC says."""
    points = []
    for back in range(28, 0, -1):
        for step in range(144):
            at = change - timedelta(days=back) + timedelta(minutes=10 * step)
            value = 6.0 if at.astimezone(BERLIN).hour == 2 else 0.5
            points.append(Point(at=at.timestamp(), mean={"load1": value}, peak={"load1": value}))
    found = bounds(points, "load1", now=change, zone=BERLIN)
    assert found is not None
    assert change.astimezone(BERLIN).hour == 2
    assert not found.is_unusual(6.2, "load1")


# --- in rules


RULE = Rule(name="odd", severity=Severity.WARNING, when="unusual(load1) and load1 / cores > 1")


@pytest.mark.parametrize(
    ("load", "usual", "state"),
    [
        (9.0, Bounds(low=0, high=4, days=9), State.BAD),
        (3.0, Bounds(low=0, high=2, days=9), State.GOOD),
        (9.0, Bounds(low=0, high=20, days=9), State.GOOD),
        (9.0, None, State.UNKNOWN),
        (3.0, None, State.GOOD),
    ],
)
def test_a_rule_asks_for_it_and_nothing_is_unusual_before_anything_is_usual(
    load: float, usual: Bounds | None, state: State
) -> None:
    seen = Observation(host="web1", at=NOW, outcome=ProbeOutcome.OK, metrics={"load1": load, "cores": 4})
    assert evaluate(seen, RULE, service=None, usual=lambda name, service: usual).state is state
    assert evaluate(seen, RULE, service=None).state is (State.UNKNOWN if load > 4 else State.GOOD)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("unusual(laod1)", 8, "did you mean load1"),
        ("unusual load1", 8, "unusual(load1)"),
        ("unusual(load1", 13, "`)` is missing"),
        ("unusual(load1 + load5)", 14, "one metric alone"),
        ("unusual(load1) > 3", 0, "cannot be reckoned with"),
        ("unusual()", 8, "unknown metric"),
    ],
)
def test_it_is_spelled_one_way(text: str, at: int, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert said in caught.value.message
    assert caught.value.position == at


def test_rows_alone_do_not_tell_what_is_usual() -> None:
    with pytest.raises(NotReplayable, match="shadow"):
        replay(RULE, [Row(at=NOW, values={"load1": 1.0, "cores": 4.0})])


def test_what_was_stored_is_replayed_with_what_hardly_changes_from_the_newest_round() -> None:
    newest = Observation(host="web1", at=NOW, outcome=ProbeOutcome.OK, metrics={"cores": 4})
    rule = Rule(name="x", severity=Severity.WARNING, when="load1 / cores > 1", for_s=600)
    rows = rows_of(rolled(history(10)), rule, service=None, newest=newest)
    assert rows[0].values["cores"] == 4.0
    found = replay(rule, rows)
    assert len(found.fired) == 10, "each night's backup"
