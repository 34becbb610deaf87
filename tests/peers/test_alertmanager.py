"""Grouping, beside Alertmanager's own: a real one is told the same alerts, and notifies a receiver here.

It waits for a group to fill before it says anything, and says the group anew when it has changed. Ours knows beforehand who
else is about to fire, says a group once, and lets that message follow (decision 26).
"""

import time
from collections.abc import Iterator

import pytest

from bot.domain.alerts import Severity
from bot.domain.messages import Operation
from bot.domain.observations import ProbeOutcome
from bot.domain.outside import read_alerts
from bot.domain.rules import RuleOverride
from bot.domain.targets import Fleet, HostSpec, ServiceSpec, Target
from bot.ports import Store
from tests.flows.watch.storm import Storm
from tests.peers.alertmanager import GROUP_INTERVAL_S, GROUP_WAIT_S, Alertmanager, running_alertmanager

UNREACHABLE = ProbeOutcome.UNREACHABLE
FIRES_AFTER = 25
"""So many rounds of 10 s, and a host out of sight is told."""


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    with running_alertmanager(tmp_path_factory.mktemp("alertmanager")) as running:
        yield running


def hosts(count: int, *, first: int = 0) -> list[str]:
    return [f"web{number}" for number in range(first, first + count)]


def test_five_hundred_at_once_are_one_message_of_both(alertmanager: Alertmanager, store: Store) -> None:
    for first in range(0, 500, 50):
        alertmanager.fire("many", hosts(50, first=first))
        time.sleep(GROUP_WAIT_S / 20)
    (theirs,) = alertmanager.until("many", 1)
    assert len(theirs["alerts"]) == 500
    time.sleep(GROUP_INTERVAL_S + 1.0)
    assert len(alertmanager.told("many")) == 1

    storm = Storm(store, 500, rules=[RuleOverride(name="host_unreachable", for_s=20.0)])
    storm.rounds(8, hosts(500), outcome=UNREACHABLE)
    said = storm.said()
    assert [one.operation for one in said if one.operation is not Operation.EDIT] == [Operation.POST]
    last = said[-1].message.metadata
    assert last is not None
    assert last.payload["count"] == 500


def test_one_alone_waits_for_company_there_and_not_here(alertmanager: Alertmanager, store: Store) -> None:
    began = time.monotonic()
    alertmanager.fire("alone", ["web1"])
    alertmanager.until("alone", 1)
    assert time.monotonic() - began >= GROUP_WAIT_S * 0.9

    storm = Storm(store, 12)
    for _ in range(FIRES_AFTER):
        storm.round(silent=["web1"])
        fired = any(one.fired_at for one in storm.store.alerts(unresolved=True))
        assert bool(storm.posts()) is fired, "it is in the outbox in the round in which it fires"
        if fired:
            return
    pytest.fail("it never fired")


def test_three_at_once_are_one_message_there_and_three_here(alertmanager: Alertmanager, store: Store) -> None:
    alertmanager.fire("three", hosts(3))
    (theirs,) = alertmanager.until("three", 1)
    assert len(theirs["alerts"]) == 3

    storm = Storm(store, 12)
    storm.rounds(FIRES_AFTER, hosts(3), outcome=UNREACHABLE)
    assert len(storm.posts()) == 3, "each can be acknowledged by another; from five on nobody would"


def test_who_comes_later_is_another_message_there_and_an_edit_here(
    alertmanager: Alertmanager, store: Store
) -> None:
    alertmanager.fire("later", hosts(12))
    alertmanager.until("later", 1)
    alertmanager.fire("later", hosts(8, first=12))
    first, second = alertmanager.until("later", 2)
    assert [len(one["alerts"]) for one in (first, second)] == [12, 20]

    storm = Storm(store, 40)
    storm.rounds(FIRES_AFTER, hosts(12), outcome=UNREACHABLE)
    storm.said()
    storm.rounds(FIRES_AFTER, hosts(20), outcome=UNREACHABLE)
    said = storm.said()
    assert {one.operation for one in said} == {Operation.EDIT}
    last = said[-1].message.metadata
    assert last is not None
    assert last.payload["count"] == 20


def test_an_end_in_two_halves_is_two_messages_there_and_one_here(
    alertmanager: Alertmanager, store: Store
) -> None:
    alertmanager.fire("ends", hosts(12))
    alertmanager.until("ends", 1)
    alertmanager.fire("ends", hosts(6), over=True)
    alertmanager.until("ends", 2)
    alertmanager.fire("ends", hosts(6, first=6), over=True)
    theirs = alertmanager.until("ends", 3)
    assert [one["status"] for one in theirs] == ["firing", "firing", "resolved"]
    assert len(theirs) == 3

    storm = Storm(store, 40)
    storm.rounds(FIRES_AFTER, hosts(12), outcome=UNREACHABLE)
    storm.said()
    storm.rounds(FIRES_AFTER, hosts(6, first=6), outcome=UNREACHABLE)
    assert {one.operation for one in storm.said()} == {Operation.EDIT}
    storm.rounds(FIRES_AFTER)
    assert [one.operation for one in storm.said() if one.operation is not Operation.EDIT] == [Operation.REPLY]


def test_what_it_really_sends_is_read_as_alerts_of_our_hosts(alertmanager: Alertmanager) -> None:
    alertmanager.fire("foreign", ["web1", "db7"])
    (sent,) = alertmanager.until("foreign", 1)
    fleet = Fleet(
        hosts={"web1": HostSpec(name="web1", services=("shop",))}, services={"shop": ServiceSpec(name="shop")}
    )
    now = alertmanager.since["foreign"]
    known, unknown = sorted(read_alerts(sent, fleet, now=now), key=lambda one: one.target.host, reverse=True)
    assert known.target == Target(host="web1", service="shop")
    assert unknown.target.host == "db7"
    assert known.severity is Severity.CRITICAL
    assert known.starts_at == now
    assert known.summary == "shop on web1 does not answer"
