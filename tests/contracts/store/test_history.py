"""What was read over time, kept in either kind of database: for a day as it was, for thirty in steps, and in a stated size."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import StoreFault
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.store.history import SqlHistory, packed, unpacked
from bot.store.sql import SqlStore
from tests.stores import fresh_store

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
STATED_BYTES = 400_000
"""What the README says a host with a service and two disks takes at most."""


def a_round(at: datetime, load: float, *, host: str = "web1") -> Observation:
    return Observation(host=host, at=at, outcome=ProbeOutcome.OK, metrics={"load1": load})


@pytest.fixture
def history(store: SqlStore) -> SqlHistory:
    return SqlHistory(store.engine)


def loads(history: SqlHistory, *, host: str = "web1", days: float = 40, until: datetime = NOW) -> list[float]:
    found = history.points(host, since=until - timedelta(days=days), until=until)
    return [one.mean["load1"] for one in found]


def test_rounds_are_read_before_and_after_they_are_written(history: SqlHistory) -> None:
    start = NOW - timedelta(minutes=20)
    for number in range(40):
        history.record(
            [a_round(start + timedelta(seconds=30 * number), number), a_round(start, 7, host="web2")]
        )
        assert loads(history) == list(range(number + 1))
    assert loads(history, host="web3") == []
    history.flush()
    assert loads(history) == list(range(40))
    again = SqlHistory(history._engine)
    assert loads(again) == list(range(40))
    assert loads(again, days=5 / 1440, until=NOW - timedelta(minutes=10)) == list(range(10, 21))


def test_a_day_is_kept_as_it_was_then_in_steps_then_not_at_all(history: SqlHistory) -> None:
    for number in range(120):  # two hours
        history.record([a_round(NOW - timedelta(minutes=120 - number), float(number))])
    history.flush()
    day = timedelta(days=1)
    history.roll_up(now=NOW + timedelta(hours=20))
    assert len(loads(history)) == 120
    history.roll_up(now=NOW + day)
    assert len(loads(history)) in (12, 13)
    history.roll_up(now=NOW + day + timedelta(hours=3))
    found = history.points("web1", since=NOW - day, until=NOW)
    assert len(found) in (12, 13)
    assert max(one.peak["load1"] for one in found) == 119
    assert found[0].mean["load1"] == pytest.approx(sum(range(10)) / 10, abs=5)
    history.roll_up(now=NOW + 33 * day)
    assert loads(history) == []


def test_rounds_that_could_not_be_written_are_kept_for_the_next_try(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    history = SqlHistory(store.engine)
    for number in range(10):
        history.record([a_round(NOW - timedelta(seconds=30 * (10 - number)), number)])
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE history RENAME TO away")
    with pytest.raises(StoreFault):
        history.flush()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO history")
    history.flush()
    assert loads(SqlHistory(store.engine)) == list(range(10))
    store.close()


def test_a_block_that_is_damaged_hides_itself_alone(history: SqlHistory) -> None:
    assert unpacked(b"nonsense") == []
    history.record([a_round(NOW, 1.0)])
    (point,) = history.points("web1", since=NOW, until=NOW)
    assert unpacked(packed([point])) == [point]


def test_thirty_days_of_a_host_take_no_more_than_is_stated(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    history, chance = SqlHistory(store.engine), random.Random(1)
    for day in range(3):
        for number in range(2880):
            at = NOW + timedelta(days=day, seconds=30 * number)
            history.record([busy(at, chance)])
        history.roll_up(now=NOW + timedelta(days=day + 1))
    with store.engine.begin() as connection:
        rows = connection.exec_driver_sql(
            "SELECT step, sum(length(body) + 60), count(*) FROM history GROUP BY step"
        )
        sizes = {step: size for step, size, _ in rows}
    store.close()
    assert sizes[0] + sizes[600] / 2 * 30 < STATED_BYTES


def busy(at: datetime, chance: random.Random) -> Observation:
    """Every reading moves all the time: what compresses worst."""
    return Observation(
        host="web1",
        at=at,
        outcome=ProbeOutcome.OK,
        metrics={
            "load1": abs(chance.gauss(2, 1)),
            "cpu_busy_ratio": chance.random(),
            "mem_available_bytes": chance.gauss(4e9, 2e8),
            "psi_cpu_some_avg10": chance.random(),
            "psi_io_full_avg10": chance.random(),
            "disk_used_ratio": {"/": 0.41, "/var": 0.52},
            "inodes_used_ratio": {"/": 0.1, "/var": 0.2},
        },
        services={
            "shop": ServiceReading(
                state=ServiceState.ANSWERING,
                answer_ms=chance.gauss(12, 3),
                backlog=0,
                cpu_cores=chance.random(),
            )
        },
    )
