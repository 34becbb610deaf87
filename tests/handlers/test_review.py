"""The review's verb and its buttons: who may, from where, and what half a line is answered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.alerts import AlertStatus
from bot.domain.invocations import Actor, Invocation, Place, Reply, Via
from bot.domain.settings import AccessPolicy
from handlers import router
from handlers.arguments import parse
from tests.flows.review.planning import values
from tests.flows.watch.night import ANA, BEN, Night, night
from tests.stores import fresh_store

STRANGER = Actor(id="U0XXX", name="xxx")


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    """A night on which the shop was silent for a while; ana is an operator, ben is not."""
    store = fresh_store(tmp_path)
    made = night(store)
    settings = replace(made.services.settings, access=AccessPolicy(operators=("U0ANA",)))
    made.services = replace(made.services, settings=settings)
    made.fire()
    yield made
    store.close()


def ask(bot: Night, line: str, actor: Actor = BEN, **changes: object) -> Reply:
    verb, args = parse(line)
    invocation = Invocation(
        id=line, actor=actor, verb=verb, args=args, text=f"/hang {line}", channel="C1", at=bot.clock.now()
    )
    return router.answer(replace(invocation, **changes), bot.services)  # type: ignore[arg-type]


def press(bot: Night, action: str, value: str, actor: Actor) -> Reply:
    return ask(bot, action, actor, args=(value,), via=Via.BUTTON)


def test_a_member_who_is_no_operator_may_plan_and_confirm(bot: Night) -> None:
    ask(bot, "incident open shop silent", ANA)
    assert not ask(bot, "review tomorrow 10:00", BEN).refused
    (review,) = bot.store.reviews()
    assert not press(bot, "confirm", review.id, BEN).refused


@pytest.mark.parametrize(
    "line", ["review tomorrow 10:00", "review", "review cancel", "confirm rev_1", "cancel rev_1"]
)
def test_who_is_no_member_may_not_and_nobody_may_elsewhere(bot: Night, line: str) -> None:
    ask(bot, "incident open shop silent", ANA)
    assert ask(bot, line, STRANGER).refused
    assert ask(bot, line, BEN, place=Place.ELSEWHERE).refused
    assert bot.store.reviews() == []


def test_without_an_incident_there_is_nothing_to_review_and_how_to_open_one_is_said(bot: Night) -> None:
    reply = ask(bot, "review tomorrow 10:00")
    assert reply.refused
    assert "/hang incident open" in repr(reply.message)


def test_in_an_incidents_thread_that_incident_is_meant(bot: Night) -> None:
    ask(bot, "incident open first", ANA)
    ask(bot, "incident open another second", ANA)
    second, first = bot.store.incidents()
    bot.said()
    for incident in (first, second):
        there = bot.store.posted(incident.subject)
        assert there is not None
        reply = ask(
            bot,
            "review tomorrow 10:00",
            via=Via.MENTION,
            channel=there.channel,
            thread_ts=there.ts,
            id=incident.id,
        )
        assert not reply.refused
        assert bot.store.reviews()[0].incident == incident.id or reply.message is None


def test_planning_for_an_alert_that_never_had_an_incident_opens_one_for_who_may(bot: Night) -> None:
    bot.calm()
    (alert,) = bot.store.alerts()
    assert alert.status is AlertStatus.RESOLVED
    refused = press(bot, "review", alert.id, BEN)
    assert refused.refused
    assert "/hang incident open TITLE" in repr(refused.message)
    assert bot.store.incidents() == []
    reply = press(bot, "review", alert.id, ANA)
    assert reply.message is not None
    assert len(values(reply.message)["review"]) == 3
    (incident,) = bot.store.incidents()
    assert not incident.open, "what it is about is over"
    assert alert.id in incident.alerts
    press(bot, "review", alert.id, ANA)
    assert len(bot.store.incidents()) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("review move", "No review of INC-1 is booked"),
        ("review INC-1", "When?"),
        ("review tomorrow 10:00 with ben", "with @ben"),
        ("review tomorrow 10:00 INC-1 INC-2", "INC-2"),
        ("review list tomorrow", "I know no incident tomorrow"),
        ("review cancel tomorrow", "I know no incident tomorrow"),
        ("review 10", "alone can be many things"),
        ("review 2026-02-30 10:00", "There is no"),
        ("other_time rev_1", "I do not understand"),
    ],
)
def test_half_a_line_is_answered_with_what_is_missing(bot: Night, line: str, says: str) -> None:
    ask(bot, "incident open shop silent", ANA)
    reply = ask(bot, line)
    assert reply.message is not None
    assert says in reply.message.text, reply.message.text
    assert not [one for one in bot.store.reviews() if one.status == "proposed"]


@pytest.mark.parametrize("value", ["", "rev_", "rev_nope", "inc_nope", "alr_nope", "x" * 500, "rev_1|0"])
@pytest.mark.parametrize("action", ["review", "other_time", "confirm", "cancel"])
def test_a_button_with_a_value_that_is_none_is_refused_in_words(bot: Night, action: str, value: str) -> None:
    reply = press(bot, action, value, BEN)
    assert reply.refused
    assert reply.message is not None
    assert reply.message.text
