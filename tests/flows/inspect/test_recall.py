"""A hang that is found is looked up among those of before, in a real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.errors import ChatBusy
from bot.domain.evidence import Evidence
from bot.domain.incidents import Incident
from bot.domain.messages import Message, Notification, Operation, Posted
from bot.domain.targets import Target
from bot.flows import recall
from tests.cases.test_diagnosers import FOLDER, evidence_of
from tests.flows.watch.night import Night, NoChat, night
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


class SilentChat(NoChat):
    def link(self, posted: Posted) -> str:
        raise ChatBusy(30.0)


def in_an_incident(bot: Night, found: Inspection) -> None:
    """Keep an incident about a look's host, told in the channel."""
    now = bot.clock.now()
    incident = Incident(
        id="inc_1", number=12, title="shop silent", opened_by="U0ANA", opened_name="ana", opened_at=now, since=found.at,
        targets=(found.target,), updated_at=now,
    )  # fmt: skip
    said = Notification(
        id="out_1", subject=incident.subject, operation=Operation.POST, channel="C1", message=Message(text="x"),
        priority=5, created_at=now,
    )  # fmt: skip
    bot.store.commit(incidents=[incident], notifications=[said])
    bot.store.sent("out_1", posted=Posted(channel="C1", ts="1.0002"), now=now)


def test_the_incident_that_it_belonged_to_is_linked(bot: Night) -> None:
    evidence = evidence_of(HUNG)
    first = look(bot, evidence, "web2", 11, age=timedelta(hours=1))
    in_an_incident(bot, first)
    bot.clock.at += timedelta(days=3)
    seen = look(bot, evidence, "web1", 12, age=timedelta(hours=1)).seen
    assert seen is not None
    assert (seen.incident, seen.link) == ("INC-12", "https://chat.invalid/archives/C1/p10002")


def test_where_the_chat_gives_no_link_the_incident_is_named(bot: Night) -> None:
    evidence = evidence_of(HUNG)
    in_an_incident(bot, look(bot, evidence, "web2", 11, age=timedelta(hours=1)))
    bot.services = replace(bot.services, chat=SilentChat())
    bot.clock.at += timedelta(days=3)
    seen = look(bot, evidence, "web1", 12, age=timedelta(hours=1)).seen
    assert seen is not None
    assert (seen.incident, seen.link) == ("INC-12", "")


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
