"""A look at what hangs tells what changed before; by the alert of the target it knows since when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.changes import Change, ChangeKind, Changes
from bot.domain.diagnosis import Diagnosis, Inspection, Verdict
from bot.domain.messages import flat
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import Target
from bot.flows import inspect, lately
from bot.present import diagnosis
from tests.cases.test_diagnosers import FOLDER, evidence_of
from tests.flows.watch.night import Night, night
from tests.stores import fresh_store

HUNG = min(path.parent for path in (FOLDER / "infinite_recursion").glob("*/evidence.txt"))
QUIET = min(path.parent for path in (FOLDER / "slow_progress").glob("*/evidence.txt"))
WEB1 = Target(host="web1", service="shop")


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    yield night(store)
    store.close()


def look(bot: Night, case: Path, *, reloaded: bool = True) -> Inspection:
    """Conclude from a case's evidence, on a host where a file was edited three hours ago."""
    now = bot.clock.now()
    evidence = evidence_of(case)
    edited = Change(kind=ChangeKind.CONFIG, name="/etc/shop/settings.yaml", at=now - timedelta(hours=3))
    evidence = replace(evidence, changes=Changes(found=(edited,), not_reloaded=not reloaded))
    found = Inspection(
        id="ins_1", target=WEB1, at=now, diagnosis=diagnose(evidence)[0], process=evidence.process
    )
    return lately.changed(found, evidence, bot.services)


def silent(bot: Night, *, since: timedelta) -> None:
    now = bot.clock.now()
    alert = Alert(
        id="alr_1",
        rule="service_silent",
        target=WEB1,
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        since=now - since,
        told=True,
        updated_at=now,
    )
    bot.store.commit(alerts=[alert])


def test_what_changed_shortly_before_the_alert_is_told_on_the_card_and_as_json(bot: Night) -> None:
    silent(bot, since=timedelta(hours=2, minutes=30))
    found = look(bot, HUNG)
    words = "settings.yaml changed 30 min before it stopped being well. More: /hang diff web1 shop."
    assert diagnosis.document(found)["changed"] == [words]
    told = [
        flat(one.line) for one in diagnosis.message(found).sections if getattr(one, "label", "") == "Changed"
    ]
    assert told == [words]


def test_without_the_evidence_no_name_of_a_file_is_told(bot: Night) -> None:
    silent(bot, since=timedelta(hours=2, minutes=30))
    assert "settings.yaml" not in repr(diagnosis.message(look(bot, HUNG), evidence=False))


def test_a_change_of_long_before_is_not_told(bot: Night) -> None:
    silent(bot, since=timedelta(minutes=5))
    assert look(bot, HUNG).changed == ()


def test_a_unit_that_systemd_has_not_read_again_is_told(bot: Night) -> None:
    assert "daemon-reload" in diagnosis.document(look(bot, HUNG, reloaded=False))["changed"][0]


def test_of_what_works_nothing_is_told(bot: Night) -> None:
    silent(bot, since=timedelta(hours=2, minutes=30))
    assert look(bot, QUIET).changed == ()


def answering(bot: Night, *, ago: timedelta) -> None:
    reading = ServiceReading(state=ServiceState.ANSWERING)
    seen = Observation(
        host="web1", at=bot.clock.now() - ago, outcome=ProbeOutcome.OK, services={"shop": reading}
    )
    bot.store.commit(observations=[seen])


def test_a_service_that_answers_is_not_said_to_have_a_cause(bot: Night) -> None:
    answering(bot, ago=timedelta(seconds=20))
    assert inspect._answers(WEB1, bot.services)
    found = Inspection(
        id="ins_1", target=WEB1, at=bot.clock.now(), diagnosis=Diagnosis(verdict=Verdict.UNKNOWN), answers=True,
        process=evidence_of(QUIET).process,
    )  # fmt: skip
    assert diagnosis.headline(found) == "shop on web1: it answers, and I see nothing that hangs."
    assert "I cannot name the cause" in diagnosis.headline(replace(found, answers=False))


@pytest.mark.parametrize("why", ["long ago", "alerted"])
def test_what_answered_long_ago_or_is_alerted_is_no_longer_said_to_answer(bot: Night, why: str) -> None:
    answering(bot, ago=timedelta(minutes=30 if why == "long ago" else 0))
    if why == "alerted":
        silent(bot, since=timedelta(minutes=1))
    assert not inspect._answers(WEB1, bot.services)
