"""Whether an alert was worth it: said with a button once it is over, counted per rule; what flapped settles and says so."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.alerts import AlertStatus, Worth
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.messages import Buttons, Operation
from bot.domain.observations import ServiceState
from bot.domain.precision import precisions
from bot.domain.rules import RuleOverride
from bot.domain.settings import InspectPolicy
from bot.flows import escalation
from bot.flows.respond import judge_worth
from bot.ports import Store
from bot.present import precision as words
from tests.flows.watch.night import ANA, Night, night

SILENT = ServiceState.SILENT
QUIET = InspectPolicy(auto=False)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def over(store: Store) -> Night:
    """A night whose one alert is over."""
    played = night(store, inspect=QUIET)
    played.fire()
    played.calm()
    return played


def buttons(played: Night) -> list[str]:
    last = [one for one in played.said() if one.operation is Operation.EDIT][-1]
    return [
        one.action
        for section in last.message.sections
        if isinstance(section, Buttons)
        for one in section.buttons
    ]


def test_under_an_alert_that_is_over_it_is_asked_and_the_answer_stands_there(over: Night) -> None:
    assert buttons(over) == ["review", "noise", "real"]
    (alert,) = over.store.alerts()
    answer = judge_worth(over.services, actor=ANA, alert=alert, worth=Worth.NOISE)
    assert answer.text.startswith("Noted: shop on web1 was noise.")
    (edit,) = over.said()
    assert "ana says it was noise" in str(edit.message.sections)
    (alert,) = over.store.alerts()
    judge_worth(over.services, actor=ANA, alert=alert, worth=Worth.REAL)
    assert buttons(over) == ["review", "noise"]
    assert over.store.audit()[0].verb == "real"


def test_of_what_still_fires_nobody_knows_yet(store: Store) -> None:
    played = night(store, inspect=QUIET)
    played.fire()
    (alert,) = played.store.alerts()
    with pytest.raises(BadArgument):
        judge_worth(played.services, actor=ANA, alert=alert, worth=Worth.NOISE)


def test_each_rule_is_counted(over: Night) -> None:
    (alert,) = over.store.alerts()
    judge_worth(over.services, actor=ANA, alert=alert, worth=Worth.NOISE)
    (found,) = precisions(over.store.alerts())
    assert (found.rule, found.told, found.noise, found.real, found.share) == ("service_silent", 1, 1, 0, 0.0)
    assert words.message([found]).text == "service_silent was noise more often than not."


def test_what_a_shadow_rule_would_have_told_is_counted(store: Store) -> None:
    played = night(store, rules=[RuleOverride(name="service_silent", shadow=True)], inspect=QUIET)
    played.fire()
    played.calm()
    assert played.said() == []
    (found,) = precisions(played.store.alerts())
    assert (found.told, found.shadowed) == (0, 1)
    assert "1 kept to `status`" in str(words.message([found]).sections)


def test_a_runbook_stands_on_the_card(store: Store) -> None:
    played = night(
        store,
        rules=[RuleOverride(name="service_silent", runbook="https://wiki.example.org/shop")],
        inspect=QUIET,
    )
    played.fire()
    (post,) = played.said()
    assert "https://wiki.example.org/shop" in str(post.message.sections)


def flapping(store: Store) -> Night:
    rules = [RuleOverride(name="service_silent", for_s=0.0, attempts=1, keep_firing_s=0.0)]
    played = night(store, rules=rules, inspect=QUIET)
    for _ in range(8):
        played.round(SILENT)
        played.round()
        played.round()
    return played


def test_what_comes_and_goes_says_so_once_and_settles_once(store: Store) -> None:
    played = flapping(store)
    said = [one.message.text for one in played.said() if one.operation is Operation.REPLY]
    (told,) = [text for text in said if "comes and goes" in text]
    assert told.endswith("I say no more of it until it settles. @U0ANA")
    assert said[-1] == told
    (alert,) = played.store.alerts()
    assert alert.flapping
    assert alert.status is AlertStatus.RESOLVED
    played.clock.at += timedelta(minutes=16)
    while job := played.store.claim_job(now=played.clock.now(), worker="w", lease_s=60, lane="escalate:"):
        escalation.run_job(job, played.services)
    (reply,) = [one.message.text for one in played.said() if one.operation is Operation.REPLY]
    assert reply == "shop on web1 answers again, and has for 16 min. It came back 7 times."
    assert not played.store.alerts()[0].flapping


def test_what_flapped_and_stays_silent_is_told_again(store: Store) -> None:
    played = flapping(store)
    played.said()
    for _ in range(100):
        played.round(SILENT)
    replies = [one.message.text for one in played.said() if one.operation is Operation.REPLY]
    assert len(replies) == 1
    assert "came and went, and now stays silent" in replies[0]


def test_an_unknown_alert_is_told(over: Night) -> None:
    (alert,) = over.store.alerts()
    with pytest.raises(UnknownName):
        judge_worth(over.services, actor=ANA, alert=replace(alert, id="alr_nope"), worth=Worth.REAL)


def test_in_the_hours_of_a_backup_a_rule_says_nothing_and_afterwards_what_is_left(store: Store) -> None:
    """The night begins at 3:58 in Berlin."""
    window = ((time(3, 30), time(4, 10)),)
    played = night(store, rules=[RuleOverride(name="service_silent", windows=window)], inspect=QUIET)
    for _ in range(90):
        played.round(SILENT)
        if played.clock.now().astimezone(BERLIN).time() < time(4, 10):
            assert played.store.alerts() == []
    (post,) = played.said()
    assert post.message.text.startswith("CRITICAL shop on web1 silent since 04:10")
