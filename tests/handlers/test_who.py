"""`who`: each team, who of it is disturbed by the chat, how they are woken, and who comes when nobody comes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat import console
from bot.domain.invocations import Invocation
from bot.domain.reviews import Person
from bot.domain.routes import OnCall, Paging, Route, Step
from bot.ports import Store
from handlers import router
from tests.flows.review.planning import KnownPeople
from tests.flows.watch.night import ANA, Night, night
from tests.flows.watch.test_people import PEOPLE
from tests.stores import fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def asked(played: Night) -> str:
    invocation = Invocation(
        id="cmd_1", actor=ANA, verb="who", args=(), text="/hang who", at=played.clock.now()
    )
    reply = router.answer(invocation, played.services)
    assert reply.message is not None
    return console.render(reply.message)


def test_everybody_on_call_is_named_and_who_rests(store: Store) -> None:
    played = night(store)
    played.services.settings = replace(
        played.services.settings,
        teams={"default": OnCall(users=("U0ANA",)), "pay": OnCall(usergroup="S0614TZR7")},
        routes=(Route(match={"team": "pay"}, oncall="pay"),),
        paging=Paging(pagerduty=True),
        escalate=(Step(after_s=600, to="oncall"), Step(after_s=1200, to="U0BEN")),
    )
    until = played.clock.now() + timedelta(hours=4)
    played.services.people = KnownPeople(PEOPLE, resting={"U0BEN": until})
    text = asked(played)
    assert "default: @ana — all else" in text
    assert "pay: @ben (in Do Not Disturb until 07:58), @mei — team pay" in text
    assert "Critical alerts page by PagerDuty." in text
    assert "Unacknowledged for 10 min: they are called again." in text
    assert "Unacknowledged for 20 min: @ben is called." in text


def test_nobody_on_call_is_told_with_what_to_write(store: Store) -> None:
    played = night(store)
    played.services.settings = replace(played.services.settings, teams={})
    text = asked(played)
    assert "default: nobody. In the config: oncall: {default: {users: [U024BE7LH]}}" in text
    assert "Slack alone wakes nobody" in text


def test_where_the_chat_does_not_say_who_they_are_their_ids_stand(store: Store) -> None:
    played = night(store)
    played.services.people = KnownPeople({"U0X": Person(id="U0X", name="x")})
    assert "default: @U0ANA" in asked(played)
