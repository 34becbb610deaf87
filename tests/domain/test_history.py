"""What is kept of rounds, how it is rolled up, and how it is put into a chart's columns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import history
from bot.domain.errors import UnknownName
from bot.domain.history import Point
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
START = AT.timestamp()


def seen(value: float, *, at: float = 0.0, name: str = "load1") -> Point:
    return Point(at=START + at, mean={name: value}, peak={name: value})


def chart(*points: Point, minutes: float = 10, width: int = 10, name: str = "load1") -> history.Series:
    return history.series(points, name, since=AT, until=AT + timedelta(minutes=minutes), width=width)


def test_of_a_round_is_kept_what_moves() -> None:
    found = history.point(
        Observation(
            host="web1",
            at=AT,
            outcome=ProbeOutcome.OK,
            metrics={"load1": 1.23456, "cores": 4, "disk_used_ratio": {"/": 0.5, "/var": 0.75}},
            services={
                "shop": ServiceReading(state=ServiceState.SILENT, backlog=12),
                "api": ServiceReading(state=ServiceState.UNKNOWN),
            },
        )
    )
    assert found.mean == {
        "load1": 1.235, "disk_used_ratio:/": 0.5, "disk_used_ratio:/var": 0.75, "shop.up": 0.0, "shop.backlog": 12,
    }  # fmt: skip
    unseen = history.point(
        Observation(host="web1", at=AT, outcome=ProbeOutcome.TIMEOUT, metrics={"load1": 1.0})
    )
    assert unseen.mean == {}


def test_a_step_keeps_the_mean_and_the_worst() -> None:
    points = [seen(1.0), seen(9.0, at=30), seen(2.0, at=60), seen(3.0, at=700)]
    first, second = history.rolled(points, step_s=600)
    assert (first.mean["load1"], first.peak["load1"]) == (4.0, 9.0)
    assert (second.mean["load1"], second.at) == (3.0, START + 600)
    free = [seen(8e9, name="mem_available_bytes"), seen(1e9, at=5, name="mem_available_bytes")]
    assert history.rolled(free)[0].peak["mem_available_bytes"] == 1e9


@given(st.lists(st.tuples(st.integers(0, 7200), st.floats(0, 1e6)), min_size=1, max_size=80))
def test_rolled_up_twice_is_as_rolled_up_once_and_no_peak_is_lost(rows: list[tuple[int, float]]) -> None:
    points = [seen(value, at=at) for at, value in rows]
    once = history.rolled(points)
    assert history.rolled(once) == once
    assert max(one.peak["load1"] for one in once) == pytest.approx(
        max(value for _, value in rows), rel=1e-3, abs=1e-9
    )


def test_columns_show_peaks_and_gaps() -> None:
    found = chart(*(seen(float(minute), at=minute * 60) for minute in (0, 1, 2, 3, 7, 8)))
    assert found.columns == (0.0, 1.0, 2.0, 3.0, None, None, None, 7.0, 8.0, None)
    assert (found.latest, found.peak, found.peak_at) == (8.0, 8.0, AT + timedelta(minutes=8))


def test_a_value_counts_until_the_next_round_where_columns_are_narrow() -> None:
    found = chart(*(seen(1.0, at=at) for at in (0, 30, 60, 90, 120)), minutes=2, width=12)
    assert found.columns == (1.0,) * 12


def test_a_whole_map_is_its_worst() -> None:
    both = {"disk_used_ratio:/": 0.2, "disk_used_ratio:/var": 0.9}
    assert chart(Point(at=START, mean=both, peak=both), name="disk_used_ratio").peak == 0.9


NAMES = (
    "load1",
    "cpu_busy_ratio",
    "mem_available_bytes",
    "disk_used_ratio",
    "disk_used_ratio:/var",
    "shop.up",
    "shop.answer_ms",
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("load1", "load1"),
        ("LOAD", "load1"),
        ("cpu", "cpu_busy_ratio"),
        ("memory", "mem_available_bytes"),
        ("disk", "disk_used_ratio"),
        ("disk_used_ratio:/var", "disk_used_ratio:/var"),
        ("shop", "shop.answer_ms"),
        ("latency", "shop.answer_ms"),
        ("shop.answer", "shop.answer_ms"),
        ("Shop.Up", "shop.up"),
        ("mem_av", "mem_available_bytes"),
    ],
)
def test_a_reading_is_known_by_what_people_call_it(typed: str, meant: str) -> None:
    assert history.meant(typed, NAMES, ("shop",), host="web1") == meant


def test_an_unknown_reading_gets_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        history.meant("lod1", NAMES, ("shop",), host="web1")
    assert caught.value.nearest[0] == "load1"
    with pytest.raises(UnknownName):
        history.meant("xyzzy", NAMES, (), host="web1")
