"""A hang that is found is looked up among those of before, in a real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.evidence import Evidence
from bot.domain.targets import Target
from bot.flows import recall
from tests.cases.test_diagnosers import FOLDER, evidence_of
from tests.flows.watch.night import Night, night
from tests.stores import fresh_store

HUNG = min(path.parent for path in (FOLDER / "infinite_recursion").glob("*/evidence.txt"))
QUIET = min(path.parent for path in (FOLDER / "slow_progress").glob("*/evidence.txt"))


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    yield night(store)
    store.close()


def look(bot: Night, evidence: Evidence, host: str, pid: int, *, age: timedelta) -> Inspection:
    """Conclude from evidence as an inspection does, of a process `age` old; keep it."""
    now = bot.clock.now()
    process = replace(evidence.process, pid=pid, started_at=now - age)
    evidence = replace(evidence, host=host, process=process)
    found = recall.remember(
        Inspection(
            id=bot.services.ids.new("ins"),
            target=Target(host=host, service="shop"),
            at=now,
            diagnosis=diagnose(evidence)[0],
            process=process,
        ),
        evidence,
        bot.services,
    )
    bot.store.commit(inspections=[found])
    return found


def test_the_second_time_it_is_known_and_the_first_time_it_is_not(bot: Night) -> None:
    evidence = evidence_of(HUNG)
    first = look(bot, evidence, "web2", 11, age=timedelta(hours=1))
    assert first.diagnosis.verdict is Verdict.HUNG
    assert first.fingerprint
    assert (first.seen, first.also_on) == (None, ())
    bot.clock.at += timedelta(days=3)
    second = look(bot, evidence, "web1", 12, age=timedelta(hours=1))
    assert second.fingerprint == first.fingerprint
    assert second.seen is not None
    assert (second.seen.times, second.seen.last) == (1, first.sighting)
    assert bot.store.inspection(second.id) == second, "and so it is stored"


def test_what_hangs_on_another_host_meanwhile_is_named_and_is_no_past(bot: Night) -> None:
    evidence = evidence_of(HUNG)
    look(bot, evidence, "web2", 11, age=timedelta(hours=1))
    bot.clock.at += timedelta(minutes=2)
    found = look(bot, evidence, "web1", 12, age=timedelta(hours=1))
    assert (found.seen, found.also_on) == (None, ("web2",))


def test_what_does_not_hang_has_no_fingerprint_wherever_it_stands(bot: Night) -> None:
    found = look(bot, evidence_of(QUIET), "web1", 11, age=timedelta(hours=1))
    assert found.diagnosis.verdict is Verdict.HEALTHY
    assert found.diagnosis.findings[0].culprit is not None
    assert found.fingerprint == ""
