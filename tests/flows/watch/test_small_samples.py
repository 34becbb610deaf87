"""Between whole samples a small one is enough, as long as all is well; the least doubt brings a whole one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.observations import HttpAnswer, Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.partial import Strain, Way
from bot.domain.rounds import wants_whole
from bot.domain.targets import HttpCheck, ServiceSpec
from bot.flows.watch import observed
from bot.hosts import records
from bot.ports import Sample

START = datetime(2026, 11, 23, 3, 58, tzinfo=UTC)
SHOP = ServiceSpec(name="shop", http=HttpCheck(url="http://127.0.0.1:8000/"))
WELL = HttpAnswer(status=200, elapsed_ms=3.0)


def stat(pid: int, *, started: int = 500, state: str = "S") -> str:
    return f"{pid} (gunicorn) {state} 1 1 1 0 -1 0 0 0 0 0 70 30 0 0 20 0 1 0 {started} 0 0"


WHOLE = Sample(
    host="web1",
    at=START,
    outcome=ProbeOutcome.OK,
    sections={"processes": f"{stat(40)}\n{stat(41, started=600)}", "loadavg": "9.00 9.00 9.00 1/1 1"},
)
READING = ServiceReading(
    state=ServiceState.ANSWERING, answer_ms=9.0, pids=(40, 41), unit="active", backlog=0, asked=(True,)
)
SEEN = Observation(
    host="web1",
    at=START,
    outcome=ProbeOutcome.OK,
    metrics={"load1": 9.0, "disk_used_ratio": {"/": 0.41}},
    services={"shop": READING},
)


def small(*processes: str, answer: HttpAnswer | None = WELL) -> Sample:
    text = "mark begin 2\n" + "\n".join(
        (
            "l 0.50 0.40 0.30 1/100 999",
            "u 1000.00 1",
            "a 2048",
            "pc some avg10=3.10 avg60=0 total=1",
            *(f"s {row}" for row in processes),
        )
    )
    return Sample(
        host="web1",
        at=START + timedelta(seconds=30),
        outcome=ProbeOutcome.OK,
        whole=False,
        sections=records.read(text, "mark", 2, whole=False),
        answers={"shop": answer} if answer else {},
    )


def read(sample: Sample) -> Observation | None:
    return observed(sample, [SHOP], previous=WHOLE, seen=SEEN)


def test_what_was_read_is_new_and_the_rest_is_as_it_was() -> None:
    found = read(small(stat(40), stat(41, started=600)))
    assert found is not None
    assert found.at == START + timedelta(seconds=30)
    assert found.metrics["load1"] == 0.5
    assert found.metrics["mem_available_bytes"] == 2048 * 1024
    assert found.metrics["psi_cpu_some_avg10"] == 3.1
    assert found.metrics["disk_used_ratio"] == {"/": 0.41}
    assert found.services["shop"] == replace(READING, answer_ms=3.0, asked=(True, True))


@pytest.mark.parametrize(
    "sample",
    [
        small(stat(40)),
        small(stat(40), stat(41, started=700)),
        small(stat(40), stat(41, started=600, state="Z")),
        small(stat(40), stat(41, started=600), answer=None),
        small(stat(40), stat(41, started=600), answer=HttpAnswer(status=503)),
        small(stat(40), stat(41, started=600), answer=HttpAnswer(problem="timeout")),
    ],
    ids=[
        "a process gone",
        "another one of that number",
        "a zombie",
        "no answer",
        "a bad answer",
        "a late answer",
    ],
)
def test_the_least_doubt_asks_for_a_whole_sample(sample: Sample) -> None:
    assert read(sample) is None


def test_a_host_that_cannot_be_asked_needs_no_whole_sample_to_say_so() -> None:
    found = read(replace(small(), outcome=ProbeOutcome.TIMEOUT, reason="no answer after 30 s"))
    assert found is not None
    assert (found.outcome, found.services) == (ProbeOutcome.TIMEOUT, {})


def test_without_a_whole_sample_before_a_small_one_tells_nothing() -> None:
    assert observed(small(), [SHOP], previous=None, seen=SEEN) is None


STRAIN = Strain(pid=41, started_s=6.0, way=Way.PEGGED, since=START, others=1)


@pytest.mark.parametrize(
    ("seen", "age_s", "alerted", "whole"),
    [
        (None, 0.0, False, True),
        (SEEN, 30.0, False, False),
        (SEEN, 90.0, False, False),
        (SEEN, 120.0, False, True),
        (SEEN, 30.0, True, True),
        (replace(SEEN, outcome=ProbeOutcome.TIMEOUT), 30.0, False, True),
        (replace(SEEN, services={"shop": replace(READING, state=ServiceState.SILENT)}), 30.0, False, True),
        (replace(SEEN, services={"shop": replace(READING, asked=(True, False, True))}), 30.0, False, True),
        (replace(SEEN, services={"shop": replace(READING, backlog=1)}), 30.0, False, True),
        (replace(SEEN, services={"shop": replace(READING, strains=(STRAIN,))}), 30.0, False, True),
    ],
)
def test_small_ones_are_for_hosts_where_all_is_well(
    seen: Observation | None, age_s: float, *, alerted: bool, whole: bool
) -> None:
    assert wants_whole(seen, age_s=age_s, interval_s=30.0, alerted=alerted) is whole


@pytest.mark.parametrize(("interval_s", "least"), [(2.0, 4), (10.0, 4), (30.0, 4), (60.0, 2), (300.0, 1)])
def test_every_fourth_is_whole_and_one_in_two_minutes(interval_s: float, least: int) -> None:
    ages = [round_ * interval_s for round_ in range(1, 6)]
    first = next(
        n
        for n, age in enumerate(ages, 1)
        if wants_whole(SEEN, age_s=age, interval_s=interval_s, alerted=False)
    )
    assert first == least
