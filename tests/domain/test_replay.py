"""A rule against rows of the past: what it would have told, and how often."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import Severity
from bot.domain.builtin_rules import BUILTIN
from bot.domain.replay import NotReplayable, Row, only_metric, replay
from bot.domain.rule import Rule

START = datetime(2026, 11, 2, tzinfo=UTC)
BUSY = Rule(name="busy", severity=Severity.WARNING, when="load1 / cores > 4", for_s=300.0)
BUILT_IN = {rule.name: rule for rule in BUILTIN}


def rows(values: str, *, every_s: float = 60.0, **beside: float) -> list[Row]:
    """Return a row for each letter: `x` is bad, `.` good, `?` was not read, a blank was not even looked at."""
    return [
        Row(
            at=START + timedelta(seconds=number * every_s),
            values={} if letter == "?" else {"load1": 99.0 if letter == "x" else 1.0, "cores": 4.0, **beside},
        )
        for number, letter in enumerate(values)
        if letter != " "
    ]


def fired(rule: Rule, values: str, *, every_s: float = 60.0) -> list[tuple[float, float | None]]:
    """Return when it fired and was over, in minutes."""
    return [
        (
            (one.at - START) / timedelta(minutes=1),
            (one.resolved - START) / timedelta(minutes=1) if one.resolved else None,
        )
        for one in replay(rule, rows(values, every_s=every_s)).fired
    ]


def test_it_fires_once_it_was_bad_for_as_long_as_the_rule_says_and_ends_after_two_good_rows() -> None:
    assert fired(BUSY, "..xxxxxxxx....") == [(7, 11)]
    assert fired(BUSY, "..xxxxx.......") == []


def test_one_good_row_ends_nothing_and_one_unknown_row_neither() -> None:
    assert fired(BUSY, "xxxxxxxx.xxx?xx..") == [(5, 16)]


def test_what_does_not_end_has_no_end() -> None:
    assert fired(BUSY, "xxxxxxxx") == [(5, None)]


def test_a_time_that_nobody_looked_at_does_not_count() -> None:
    assert fired(BUSY, "xx" + " " * 60 + "xxxx") == []


def test_rows_an_hour_apart_are_judged_as_such() -> None:
    assert fired(BUSY, "..xxx...", every_s=3600) == [(180, 360)]


def test_a_week_is_counted_by_the_time_that_the_rows_cover() -> None:
    found = replay(BUSY, rows(("x" * 10 + "." * 4310) * 7))  # three days each
    assert (len(found.fired), round(found.per_week, 2)) == (7, 2.33)


def test_the_other_condition_is_asked_where_the_first_cannot_be() -> None:
    load = BUILT_IN["load_high"]
    assert [one.at for one in replay(load, rows("x" * 12)).fired] == [START + timedelta(minutes=10)]
    assert replay(load, rows("x" * 12, psi_cpu_some_avg10=1.0)).fired == ()


def test_what_cannot_be_replayed_is_said() -> None:
    with pytest.raises(NotReplayable, match="more than numbers"):
        replay(BUILT_IN["service_silent"], rows("x"))
    with pytest.raises(NotReplayable, match="no row"):
        replay(BUSY, [])
    with pytest.raises(NotReplayable, match="no column has cores"):
        replay(BUSY, [Row(at=START, values={"load1": 1.0})])
    with pytest.raises(NotReplayable, match="2 metrics"):
        only_metric(BUSY)
    assert only_metric(BUILT_IN["load_high"]) == "psi_cpu_some_avg10"


@given(st.text(alphabet="x.? ", min_size=1, max_size=80), st.sampled_from((30.0, 60.0, 900.0)))
def test_it_fires_only_on_bad_rows_and_each_time_ends_before_the_next(values: str, every_s: float) -> None:
    if not values.strip(" ?"):
        return
    given_rows = rows(values, every_s=every_s)
    bad = {row.at for row in given_rows if row.values.get("load1") == 99.0}
    found = replay(BUSY, given_rows).fired
    assert all(one.at in bad for one in found)
    for before, after in pairwise(found):
        assert before.resolved is not None
        assert before.at < before.resolved < after.at


def test_until_keeps_what_hovers_at_the_limit_one_alert() -> None:
    hovering = [
        Row(at=START + timedelta(minutes=number), values={"load1": load})
        for number, load in enumerate([9.0, 9.0, *[7.0, 7.0, 7.0, 9.0] * 6, 3.0, 3.0, 3.0])
    ]
    plain = Rule(name="hot", severity=Severity.WARNING, when="load1 > 8")
    calm = Rule(name="hot", severity=Severity.WARNING, when="load1 > 8", until="load1 < 4")
    assert len(replay(plain, hovering).fired) == 7
    (once,) = replay(calm, hovering).fired
    assert once.resolved == START + timedelta(minutes=27)
