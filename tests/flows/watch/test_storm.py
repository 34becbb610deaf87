"""Eighty hosts whose shop falls silent at once: two of them are looked at, and one that is well."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Alert
from bot.domain.jobs import JobKind
from bot.domain.messages import Operation, flat
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import Fleet, HostSpec, Target
from bot.flows import inspect, storm
from bot.flows.watch import judge_round
from bot.ports import Store
from tests.flows.watch.night import SHOP, Night, night

ROUND_S = 12.0


def fleet_of(store: Store, count: int) -> Night:
    """Return a bot with `count` hosts web1… whose shop will fall silent, and one, `well`, whose shop will not."""
    bot = night(store)
    names = [*(f"web{number}" for number in range(1, count + 1)), "well"]
    hosts = {name: HostSpec(name=name, services=("shop",)) for name in names}
    fleet = Fleet(hosts=hosts, services={"shop": SHOP})
    bot.services = replace(bot.services, settings=replace(bot.services.settings, fleet=fleet))
    return bot


def fall_silent(bot: Night) -> None:
    """Play the rounds of all hosts until every shop but one has been silent long enough, web1's first of all."""
    for nth in range(6):
        bot.clock.at += timedelta(seconds=ROUND_S)
        for name in bot.services.settings.fleet.hosts:
            silent = nth > 0 and name != "well"
            reading = ServiceReading(
                state=ServiceState.SILENT if silent else ServiceState.ANSWERING,
                reason="http_timeout" if silent else "",
                pids=(1,),
            )
            bot.clock.at += timedelta(milliseconds=1)
            seen = Observation(
                host=name, at=bot.clock.at, outcome=ProbeOutcome.OK, services={"shop": reading}
            )
            judge_round(seen, bot.services)


def look(bot: Night) -> list[str]:
    """Do all jobs that are due; return the hosts that were looked at."""
    looked: list[str] = []
    while job := bot.store.claim_job(now=bot.clock.now(), worker="w", lease_s=600, lane="inspect:"):
        assert job.kind is JobKind.INSPECT
        alert = str(job.payload.get("alert") or "")
        before = len(looked)
        if not (alert and storm.held_back(job, bot.services)):
            looked.append(str(job.payload["host"]))
            made = inspect._failed(
                Target(host=looked[-1], service="shop"), str(job.payload["inspection"]), bot.services
            )
            bot.store.commit(inspections=[replace(made, reason="")])
            inspect.run_job(job, bot.services)
        assert len(looked) - before <= 1
    return looked


def alerts(bot: Night) -> dict[str, Alert]:
    return {one.target.host: one for one in bot.store.alerts(unresolved=True) if one.rule == "service_silent"}


def test_two_representatives_and_one_that_is_well(store: Store) -> None:
    bot = fleet_of(store, 80)
    fall_silent(bot)
    assert len(alerts(bot)) == 80
    assert look(bot) == ["web1", "web2", "well"]
    named = ("shop on web1", "shop on web2", "shop on well")
    assert {one.looked_at for host, one in alerts(bot).items() if host not in ("web1", "web2")} == {named}
    assert alerts(bot)["web1"].looked_at == ()


def test_the_others_cards_say_which_ones_were_looked_at(store: Store) -> None:
    bot = fleet_of(store, 4)
    fall_silent(bot)
    bot.said()
    look(bot)
    said = bot.said()
    card = next(one.message for one in said if one.subject == alerts(bot)["web4"].subject)
    lines = [
        flat(section.line) for section in card.sections if getattr(section, "label", "") == "Not looked at"
    ]
    assert lines == [
        "One of many at once. I looked at shop on web1, shop on web2, shop on well; their threads tell."
    ]
    (beside,) = [
        one.message
        for one in said
        if one.operation is Operation.REPLY
        and one.subject == alerts(bot)["web1"].subject
        and "For comparison" in repr(one.message)
    ]
    assert "shop on well" in beside.text


def test_three_hosts_are_no_storm_and_the_third_waits_to_know(store: Store) -> None:
    bot = fleet_of(store, 3)
    fall_silent(bot)
    assert look(bot) == ["web1", "web2"]
    bot.clock.at += storm.SETTLES
    assert look(bot) == ["web3"]
    assert alerts(bot)["web3"].looked_at == ()


@pytest.mark.parametrize("apart", [timedelta(minutes=30)])
def test_what_fires_half_an_hour_later_is_another_trouble(store: Store, apart: timedelta) -> None:
    bot = fleet_of(store, 4)
    fall_silent(bot)
    last = max(alerts(bot).values(), key=lambda one: one.target.host)
    assert last.fired_at is not None
    bot.store.commit(alerts=[replace(last, fired_at=last.fired_at + apart)])
    assert len(storm.around(alerts(bot)["web4"], bot.services).alerts) == 1


def test_who_asks_for_one_of_them_gets_it(store: Store) -> None:
    bot = fleet_of(store, 6)
    fall_silent(bot)
    look(bot)
    alert = alerts(bot)["web6"]
    _, job = inspect.request(bot.services, target=alert.target, pid=None, invocation=None, alert=alert)
    asked = replace(job, payload={**job.payload, "asked": True})
    assert not storm.held_back(asked, bot.services)
