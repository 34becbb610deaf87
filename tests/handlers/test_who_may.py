"""Every verb of the grammar, for everybody who may ask: looking is for members, acting for operators, elsewhere for nobody."""

from dataclasses import replace

import pytest

from bot.domain.access import authorize
from bot.domain.errors import NotAllowed
from bot.domain.invocations import Actor, Place
from bot.domain.settings import AccessPolicy
from handlers import HANDLERS
from handlers.unbuilt import VERBS as UNBUILT

POLICY = AccessPolicy(operators=("U0ANA", "S0NIGHT"))
ANA = Actor(id="U0ANA", name="ana", member=True)
NIGHT = Actor(id="U0BEN", name="ben", member=True, groups=frozenset({"S0NIGHT"}))
EVE = Actor(id="U0EVE", name="eve", member=True)
STRANGER = Actor(id="U0WHO", name="who")
LOCAL = Actor(id="local:root", name="local:root", local=True)

LOOKING = ("status", "inspect", "compare", "dump", "top", "logs", "diff", "history", "probe", "alerts", "timeline", "report", "who", "hosts",
           "doctor", "help")  # fmt: skip
TAKING_PART = ("ack", "noise", "real", "note", "review", "confirm", "cancel")
ACTING = ("restart", "run", "silence", "unsilence")
EVERY = (*LOOKING, *TAKING_PART, *ACTING)


def may(actor: Actor, verb: str, place: Place = Place.HOME) -> bool:
    try:
        authorize(actor, verb, policy=POLICY, place=place)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("verb", EVERY)
@pytest.mark.parametrize("actor", [ANA, NIGHT, LOCAL], ids=lambda one: one.name)
def test_operators_may_all(actor: Actor, verb: str) -> None:
    assert may(actor, verb)


@pytest.mark.parametrize("verb", [*LOOKING, *TAKING_PART])
def test_a_member_may_look_and_take_part(verb: str) -> None:
    assert may(EVE, verb)
    assert may(EVE, verb, Place.DIRECT)


@pytest.mark.parametrize("verb", ACTING)
def test_a_member_who_is_no_operator_may_not_act_and_is_told_who_may(verb: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        authorize(EVE, verb, policy=POLICY)
    assert refused.value.who == ("U0ANA", "S0NIGHT")


@pytest.mark.parametrize("verb", EVERY)
def test_a_stranger_may_nothing(verb: str) -> None:
    assert not may(STRANGER, verb)


@pytest.mark.parametrize("verb", EVERY)
@pytest.mark.parametrize("actor", [ANA, EVE], ids=lambda one: one.name)
def test_nobody_may_anything_in_a_channel_of_other_people(actor: Actor, verb: str) -> None:
    assert not may(actor, verb, Place.ELSEWHERE)


def test_a_verb_that_nobody_listed_is_for_operators() -> None:
    assert may(ANA, "reboot")
    assert not may(EVE, "reboot")


def test_without_operators_nobody_but_the_machine_itself_may_act() -> None:
    nobody = replace(POLICY, operators=())
    with pytest.raises(NotAllowed):
        authorize(ANA, "silence", policy=nobody)
    authorize(LOCAL, "silence", policy=nobody)


def test_every_verb_of_the_grammar_is_either_built_or_known_to_come() -> None:
    assert set(EVERY) | {"incident"} == set(HANDLERS) | set(UNBUILT)
    assert not set(HANDLERS) & set(UNBUILT)
