"""A deploy is noted and holds back what follows of it; an Alertmanager's alerts are told, grouped and looked into like ours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.alerts import AlertStatus
from bot.domain.messages import Operation
from bot.domain.observations import ServiceState
from bot.domain.outside import read_alerts, read_event
from bot.domain.routes import PagePath, Paging
from bot.domain.settings import InspectPolicy
from bot.domain.timeline import EventKind
from bot.flows import groups, outside
from bot.flows.deliver import deliver_due
from bot.flows.respond import acknowledge
from bot.ports import Store
from tests.flows.watch.night import ANA, Night, night
from tests.flows.watch.test_people import Taken

SILENT = ServiceState.SILENT
POST, EDIT, REPLY = Operation.POST, Operation.EDIT, Operation.REPLY


@pytest.fixture
def played(store: Store) -> Night:
    return night(store, inspect=InspectPolicy(auto=False))


def tell(played: Night, **document: str) -> bool:
    return outside.note_event(read_event(document, played.services.settings.fleet), played.services)


def send(played: Night, *alerts: Mapping[str, Any]) -> int:
    fleet, now = played.services.settings.fleet, played.clock.now()
    return outside.take_alerts(read_alerts({"alerts": alerts}, fleet, now=now), played.services)


def an_alert(played: Night, *, status: str = "firing", number: int = 1, **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "HighErrorRate", "severity": "critical", "instance": "web1:9100", **labels},
        "annotations": {"summary": "5 % of requests fail", "description": "Look at the <!channel> upstream."},
        "startsAt": (played.clock.now().replace(hour=2, minute=30)).isoformat(),
        "generatorURL": "http://prometheus.example.org/graph",
        "fingerprint": f"f{number}",
    }


# --- deploys


def test_a_deploy_holds_back_what_follows_and_what_is_left_of_it_is_told_then(played: Night) -> None:
    assert tell(played, kind="deploy", service="shop", version="1.4", by="ci", quiet="5m")
    played.fire()
    assert played.said() == []
    (alert,) = played.store.alerts(unresolved=True)
    assert (alert.status, alert.told) == (AlertStatus.FIRING, False), "judged, and not told"
    for _ in range(30):
        played.round(SILENT)
    (post,) = played.said()
    assert post.message.text.startswith("CRITICAL shop on web1 silent since 03:58")


def test_a_deploy_that_goes_well_is_told_nobody(played: Night) -> None:
    tell(played, kind="deploy", service="shop", quiet="5m")
    played.fire()
    played.calm()
    for _ in range(40):
        played.round()
    assert played.said() == []


def test_it_is_noted_where_charts_and_timelines_look(played: Night) -> None:
    tell(played, kind="deploy", service="shop", version="1.4", by="ci")
    (event,) = played.store.events(
        since=played.clock.now() - timedelta(hours=1), targets=played_targets(played)
    )
    assert (event.kind, event.name, event.facts["version"]) == (EventKind.DEPLOYED, "ci", "1.4")
    assert played.store.silences(now=played.clock.now()) == [], "it asked for no quiet"


def played_targets(played: Night) -> list[Any]:
    return outside.targets_of(
        read_event({"kind": "x", "service": "shop"}, played.services.settings.fleet),
        played.services.settings.fleet,
    )  # type: ignore[return-value]


def test_the_same_event_sent_again_is_noted_once(played: Night) -> None:
    assert tell(played, kind="deploy", service="shop", id="build-77")
    assert not tell(played, kind="deploy", service="shop", id="build-77")
    assert tell(played, kind="deploy", service="shop", id="build-78")
    found = played.store.events(since=played.clock.now() - timedelta(hours=1), targets=played_targets(played))
    assert len(found) == 2


# --- an Alertmanager's alerts


def test_a_foreign_alert_is_told_like_ours_and_once(played: Night) -> None:
    assert send(played, an_alert(played)) == 1
    (post,) = played.said()
    assert post.message.text == "CRITICAL web1 in HighErrorRate since 03:30. @U0ANA"
    meta = post.message.metadata
    assert meta is not None
    assert (meta.payload["alert"], meta.payload["host"], meta.payload["status"]) == (
        "HighErrorRate",
        "web1",
        "firing",
    )
    assert "5 % of requests fail. Look at the <!channel> upstream." in str(post.message.sections)
    for _ in range(3):
        assert send(played, an_alert(played)) == 0
    assert played.said() == []


def test_its_end_is_told_in_its_thread_and_an_end_alone_is_nothing(played: Night) -> None:
    send(played, an_alert(played))
    played.said()
    assert send(played, an_alert(played, status="resolved")) == 1
    edit, reply = played.said()
    assert (edit.operation, reply.operation) == (EDIT, REPLY)
    assert edit.message.text.startswith("RESOLVED web1 is over HighErrorRate")
    assert send(played, an_alert(played, status="resolved")) == 0
    assert send(played, an_alert(played, status="resolved", number=9)) == 0
    assert played.said() == []


def test_our_own_rounds_leave_it_alone_even_where_its_name_is_a_rules(played: Night) -> None:
    send(played, an_alert(played, alertname="service_silent", service="shop"))
    played.said()
    for _ in range(6):
        played.round()
    (foreign,) = played.store.alerts(unresolved=True)
    assert foreign.status is AlertStatus.FIRING
    played.fire()
    assert len(played.store.alerts(unresolved=True)) == 2


def test_it_is_acknowledged_paged_and_ended_like_ours(played: Night) -> None:
    played.services.settings = replace(played.services.settings, paging=Paging(webhook="https://x.example"))
    webhook = Taken()
    played.services.pagers = {PagePath.WEBHOOK: webhook}
    send(played, an_alert(played))
    (alert,) = played.store.alerts(unresolved=True)
    acknowledge(played.services, actor=ANA, alert=alert)
    while deliver_due(played.services, worker="w", paging=True):
        pass
    send(played, an_alert(played, status="resolved"))
    while deliver_due(played.services, worker="w", paging=True):
        pass
    assert [event for event, _ in webhook.events] == ["trigger", "acknowledge", "resolve"]


def test_where_its_host_is_ours_it_is_looked_into_and_elsewhere_not(store: Store) -> None:
    played = night(store)
    send(played, an_alert(played, service="shop"), an_alert(played, number=2, instance="k8s-7:1"))
    job = store.claim_job(now=played.clock.now(), worker="w", lease_s=60, lane="inspect:")
    assert job is not None
    assert (job.payload["host"], job.payload["service"]) == ("web1", "shop")
    assert store.claim_job(now=played.clock.now(), worker="w", lease_s=60, lane="inspect:") is None


def test_many_of_one_kind_are_one_message(played: Night) -> None:
    storm = [an_alert(played, number=n, instance=f"node{n}:9100") for n in range(200)]
    assert send(played, *storm) == 200
    groups.refresh(played.services)
    (post,) = played.said()
    assert post.message.text.startswith("CRITICAL 200 hosts in HighErrorRate since 03:30")
    assert "node199" in post.message.text
    assert send(played, *(replace_status(one) for one in storm)) == 200
    groups.refresh(played.services)
    assert [one.operation for one in played.said()] == [EDIT, REPLY]


def replace_status(alert: dict[str, Any]) -> dict[str, Any]:
    return {**alert, "status": "resolved"}


def test_an_informational_one_is_kept_for_status_and_told_nobody(played: Night) -> None:
    assert send(played, an_alert(played, severity="info")) == 1
    assert played.said() == []
    assert len(played.store.alerts(unresolved=True)) == 1
