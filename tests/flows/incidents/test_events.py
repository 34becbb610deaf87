"""The timeline fills itself: each step writes its event in the transaction that makes it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.errors import Conflict
from bot.domain.messages import Operation
from bot.domain.observations import ServiceState
from bot.domain.rule import Telling
from bot.domain.rules import RuleOverride
from bot.domain.settings import InspectPolicy
from bot.domain.timeline import EventKind
from bot.flows import findings, incidents, respond
from bot.flows.conflict import retried
from bot.flows.watch import judge_round
from bot.ports import Store
from tests.flows.incidents.stage import SHOP, buttons, card, events, inspected, looked, shown
from tests.flows.watch.night import ANA, BEN, Night, night
from tests.flows.watch.test_watch import Racing


def kinds(bot: Night) -> list[str]:
    return [one.kind.value for one in events(bot.store)]


def test_a_nights_story_is_written_as_it_happens(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    respond.acknowledge(firing.services, actor=ANA, alert=alert)
    respond.silence(
        firing.services,
        actor=BEN,
        scope=respond.Scope(host="web1", service="shop"),
        seconds=60,
        reason="deploy",
    )
    (silence,) = firing.store.silences(now=firing.clock.now())
    respond.unsilence(firing.services, actor=BEN, silence_id=silence.id)
    inspected(firing, looked(firing.clock.now()), by=ANA)
    firing.calm()
    firing.fire()
    assert kinds(firing) == [
        "first_bad", "fired", "acknowledged", "silenced", "unsilenced", "inspected", "resolved", "reopened",
    ]  # fmt: skip


def test_an_alert_that_fires_writes_its_first_bad_sample_and_what_every_check_said(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    first, fired = events(firing.store)
    assert (first.at, fired.at) == (alert.since, alert.fired_at)
    assert (fired.alert, fired.target, fired.by) == (alert.id, SHOP, "")
    known = {"rule": "service_silent", "severity": "critical", "told": True, "unit": "active", "processes": 4, "backlog": 12,
             "why": "http_timeout", "for_s": 30.0, "attempts": 3, "interval_s": 10.0, "retry_s": 5.0,
             "check.service_silent": "bad", "check.service_down": "good", "check.host_unreachable": "good",
             "check.load_high": "unknown"}  # fmt: skip
    assert {name: fired.facts[name] for name in known} == known
    assert fired.facts["last_good_at"]


def test_an_alert_that_is_told_to_nobody_is_recorded_as_such(store: Store) -> None:
    quiet = RuleOverride(name="service_silent", told=(Telling.STATUS,), severity=Severity.INFO)
    bot = night(store, rules=[quiet])
    bot.fire()
    assert [one.kept_quiet for one in events(store, EventKind.FIRED)] == [True]


def test_a_round_that_lost_a_race_writes_its_events_once(calm: Night) -> None:
    for _ in range(3):
        calm.round(ServiceState.SILENT)
    calm.clock.at += timedelta(seconds=10)
    seen = calm.store.observations()["web1"]
    racing = replace(calm.services, store=Racing(calm.store, 2))  # type: ignore[arg-type]
    retried(lambda: judge_round(replace(seen, at=calm.clock.at), racing))
    assert kinds(calm) == ["first_bad", "fired"]


def test_what_is_not_committed_leaves_no_event(calm: Night) -> None:
    for _ in range(3):
        calm.round(ServiceState.SILENT)
    whole = calm.services
    calm.services = replace(whole, store=Racing(calm.store, 99))  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        calm.round(ServiceState.SILENT)
    assert kinds(calm) == []
    assert whole.store.pending_notifications() == 0


def test_a_look_that_is_told_twice_is_one_event(firing: Night) -> None:
    found = looked(firing.clock.now())
    inspected(firing, found)
    job = firing.store.job(f"job_{found.id}")
    assert job is not None
    findings.tell(found, job, firing.services)
    (event,) = events(firing.store, EventKind.INSPECTED)
    assert (event.facts["line"], event.facts["cause"], event.facts["function"]) == (
        41, "infinite_recursion", "Settings.inherited",
    )  # fmt: skip
    assert event.facts["cycle"] == "Settings.get, Settings.inherited"


# --- the incident's message follows


def test_the_message_of_an_incident_follows_all_that_happens_to_its_alerts(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    (incident,) = firing.store.incidents()
    assert "shop on web1 silent since 03:58" in shown(card(firing.said(), incident))
    respond.acknowledge(firing.services, actor=BEN, alert=alert)
    after = shown(card(firing.said(), incident))
    assert "acknowledged by ben" in after
    assert "@ben acknowledged shop on web1 until" in after
    inspected(firing, looked(firing.clock.now()))
    after = shown(card(firing.said(), incident))
    assert "Stuck in inherited, session.py line 41: endless recursion" in after
    respond.silence(firing.services, actor=BEN, scope=respond.Scope(host="web1"), seconds=60)
    assert "@ben silenced web1 until" in shown(card(firing.said(), incident))
    firing.clock.at += timedelta(minutes=2)
    firing.calm()
    message = card(firing.said(), incident)
    assert "over: shop on web1 answers again" in shown(message)
    assert "All its alerts are over" in shown(message)
    assert "resolve" in buttons(message)


def test_an_alert_that_fires_later_on_the_same_host_or_service_joins(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    (incident,) = firing.store.incidents()
    firing.said()
    for _ in range(5):
        firing.round(ServiceState.DOWN)
    (after,) = firing.store.incidents()
    down = next(one for one in firing.store.alerts() if one.rule == "service_down")
    assert after.alerts == (alert.id, down.id)
    assert down.incident == "INC-1"
    said = firing.said()
    assert "CRITICAL shop on web1 down" in shown(card(said, incident))
    root = next(one for one in said if one.subject == down.subject and one.operation is Operation.POST)
    assert "INC-1 · service_down" in shown(root.message)


def test_an_alert_that_comes_back_after_its_incident_belongs_to_none(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    (incident,) = firing.store.incidents()
    firing.calm()
    incidents.resolve(firing.services, actor=ANA, incident=incident)
    firing.fire()
    (again,) = firing.store.alerts()
    assert (again.id, again.incident) == (alert.id, "")
    assert "INC-2 is open" in incidents.open_incident(firing.services, actor=ANA, alert=again).text


def test_an_incident_without_a_target_takes_no_alert_in(store: Store) -> None:
    bot = night(store, inspect=InspectPolicy(auto=False))
    bot.round()
    incidents.open_incident(bot.services, actor=ANA, title="shop is slow")
    bot.fire()
    (alert,) = bot.store.alerts()
    assert alert.incident == ""


def test_rounds_that_change_nothing_leave_the_incident_alone(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    before = firing.store.incidents()
    firing.said()
    for _ in range(5):
        firing.round(ServiceState.SILENT)
    assert firing.store.incidents() == before
    assert firing.said() == []


def test_a_round_that_meets_an_incident_that_somebody_changes_decides_again(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incidents.open_incident(firing.services, actor=ANA, alert=alert)
    firing.round()
    firing.round()
    firing.clock.at += timedelta(seconds=10)
    seen = firing.store.observations()["web1"]
    racing = replace(firing.services, store=Racing(firing.store, 3))  # type: ignore[arg-type]
    retried(lambda: judge_round(replace(seen, at=firing.clock.at), racing))
    assert kinds(firing).count("resolved") == 1
    (incident,) = firing.store.incidents()
    assert "over: shop on web1" in shown(card(firing.said(), incident))
