"""When the bot itself was away: said once, after a time in which somebody might have been missed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.targets import Fleet
from bot.flows import away
from bot.ports import Store
from tests.flows.watch.storm import Storm


@pytest.fixture
def storm(store: Store) -> Storm:
    made = Storm(store, 3)
    made.round()
    made.said()
    return made


def said(storm: Storm) -> list[str]:
    return [one.message.text for one in storm.said()]


def test_after_hours_it_says_since_when_nobody_looked(storm: Storm) -> None:
    storm.clock.at += timedelta(seconds=4 * 3600 + 300)
    away.after_start(storm.services)
    (text,) = said(storm)
    assert text.startswith("I was away for 4 h 5 min, since ")
    assert "I look at all 3 of them now." in text


def test_an_update_is_not_told(storm: Storm) -> None:
    storm.clock.at += timedelta(seconds=170)
    away.after_start(storm.services)
    assert said(storm) == []


def test_where_hosts_are_asked_seldom_a_round_that_is_not_due_is_no_absence(storm: Storm) -> None:
    probes = replace(storm.services.settings.probes, interval_s=600.0)
    storm.services.settings = replace(storm.services.settings, probes=probes)
    storm.clock.at += timedelta(seconds=1700)
    away.after_start(storm.services)
    assert said(storm) == []


def test_a_first_start_and_hosts_that_are_gone_say_nothing(storm: Storm, store: Store) -> None:
    storm.services.settings = replace(storm.services.settings, fleet=Fleet(hosts={}, services={}))
    storm.clock.at += timedelta(seconds=9000)
    away.after_start(storm.services)
    assert said(storm) == []


def test_who_only_wants_diagnoses_is_told_nothing(storm: Storm) -> None:
    probes = replace(storm.services.settings.probes, enabled=False)
    storm.services.settings = replace(storm.services.settings, probes=probes)
    away.say_since(storm.clock.now() - timedelta(hours=5), storm.services)
    assert said(storm) == []
