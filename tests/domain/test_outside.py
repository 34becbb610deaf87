"""What others send us, well and badly: every document is a value, or an error that says what to send instead."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import Severity
from bot.domain.outside import BadDocument, read_alerts, read_event, targets_of
from bot.domain.targets import Fleet, HostSpec, ServiceSpec, Target

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
FLEET = Fleet(
    hosts={
        "web1": HostSpec(name="web1", address="10.0.0.11", services=("shop", "api")),
        "web2": HostSpec(name="web2", address="10.0.0.12", services=("shop",)),
        "DB1": HostSpec(name="DB1", address="db1.example.org", services=("postgres",)),
        "six": HostSpec(name="six", address="2001:db8::6"),
    },
    services={
        "shop": ServiceSpec(name="shop", unit="shop-web.service"),
        "api": ServiceSpec(name="api"),
        "postgres": ServiceSpec(name="postgres"),
    },
)


# --- events


def test_a_deploy_is_of_a_service_on_all_hosts_that_have_it() -> None:
    event = read_event(
        {"kind": "deploy", "service": "Shop", "version": "1.4", "by": "ci", "quiet": "1h30m"}, FLEET
    )
    assert (event.kind, event.service, event.version, event.by, event.quiet_s) == (
        "deploy",
        "shop",
        "1.4",
        "ci",
        5400.0,
    )
    assert targets_of(event, FLEET) == (
        Target(host="web1", service="shop"),
        Target(host="web2", service="shop"),
    )


def test_a_reboot_is_of_a_host_and_all_on_it() -> None:
    event = read_event({"kind": "reboot", "host": "db1"}, FLEET)
    assert targets_of(event, FLEET) == (Target(host="DB1"),)
    assert event.quiet_s == 0.0


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "send an object"),
        (None, "send an object"),
        ("deploy", "send an object"),
        ({}, "`kind` says what was done"),
        ({"kind": "deploy"}, "say which `service` or `host`"),
        ({"kind": "deploy", "service": "shup"}, "no service 'shup'; it has: shop, api, postgres"),
        ({"kind": "deploy", "host": "web9"}, "no host 'web9'"),
        ({"kind": "deploy", "host": "web2", "service": "api"}, "web2 has no service api: shop"),
        ({"kind": "deploy", "service": "shop", "qiuet": "1m"}, "there is no key 'qiuet'"),
        ({"kind": "deploy", "service": "shop", "quiet": "10"}, "`quiet` is a length of time"),
        ({"kind": "deploy", "service": "shop", "quiet": "-5m"}, "`quiet` is a length of time"),
        ({"kind": "deploy", "service": "shop", "quiet": "2d"}, "24 h at most"),
        ({"kind": "deploy", "service": "shop", "quiet": "999999d"}, "24 h at most"),
        ({"kind": "deploy", "service": ["shop"]}, "`service` is a text"),
        ({"kind": "deploy now!", "service": "shop"}, "`kind` says what was done"),
        ({"kind": True, "service": "shop"}, "`kind` is a text"),
    ],
)
def test_a_bad_event_is_told_what_to_send(document: object, said: str) -> None:
    with pytest.raises(BadDocument, match=r"\w") as caught:
        read_event(document, FLEET)
    assert said in str(caught.value)


# --- an Alertmanager's alerts


def an_alert(labels: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "HighErrorRate", **labels},
        "annotations": {"summary": "5 % of requests fail"},
        "startsAt": "2026-11-24T03:58:10.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=x",
        "fingerprint": "c0ffee",
        **more,
    }


def read_one(one: dict[str, Any]) -> Any:
    (found,) = read_alerts({"version": "4", "alerts": [one]}, FLEET, now=NOW)
    return found


@pytest.mark.parametrize(
    ("labels", "host", "service", "known"),
    [
        ({"instance": "10.0.0.11:9100"}, "web1", None, True),
        ({"instance": "web1:9100", "job": "shop"}, "web1", "shop", True),
        ({"instance": "web1.example.org:9100"}, "web1", None, True),
        ({"instance": "http://web2/health"}, "web2", None, True),
        ({"instance": "[2001:db8::6]:9100"}, "six", None, True),
        ({"host": "WEB1", "service": "API"}, "web1", "api", True),
        ({"node": "db1.example.org"}, "DB1", None, True),
        ({"nodename": "db1", "name": "postgres.service"}, "DB1", "postgres", True),
        ({"instance": "web1", "name": "shop-web.service"}, "web1", "shop", True),
        ({"instance": "web2", "service": "api"}, "web2", None, True),
        ({"service": "postgres"}, "DB1", "postgres", True),
        ({"service": "shop"}, "elsewhere", "shop", False),
        ({"instance": "10.0.0.99:9100", "service": "shop"}, "10.0.0.99", "shop", False),
        ({"instance": "10.0.0.1"}, "10.0.0.1", None, False),
        ({"instance": "k8s-7:1", "service": "ingress"}, "k8s-7", "ingress", False),
        ({}, "elsewhere", None, False),
    ],
)
def test_labels_are_mapped_to_host_and_service(
    labels: dict[str, str], host: str, service: str | None, known: bool
) -> None:
    found = read_one(an_alert(labels))
    assert found.target == Target(host=host, service=service)
    assert found.known is known


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("P1", Severity.CRITICAL),
        ("warning", Severity.WARNING),
        ("", Severity.WARNING),
        ("ticket", Severity.WARNING),
        ("info", Severity.INFO),
        ("none", Severity.INFO),
    ],
)
def test_how_grave_it_is_is_taken_from_its_label(word: str, severity: Severity) -> None:
    assert read_one(an_alert({"severity": word})).severity is severity


def test_one_episode_has_one_id_and_the_next_another() -> None:
    first, again = read_one(an_alert({})), read_one(an_alert({}, status="resolved"))
    later = read_one(an_alert({}, startsAt="2026-11-24T05:00:00Z"))
    assert first.id == again.id
    assert (first.firing, again.firing) == (True, False)
    assert later.id != first.id
    assert later.starts_at == NOW, "nothing begins in the future"
    assert first.starts_at == datetime(2026, 11, 24, 3, 58, 10, 123456, tzinfo=UTC)
    without = read_one(an_alert({}, fingerprint=None))
    assert without.id == read_one(an_alert({}, fingerprint=None)).id != first.id


def test_texts_of_others_come_on_one_line_and_links_only_to_pages() -> None:
    found = read_one(
        an_alert(
            {},
            annotations={"summary": "a\nb\x1b[31m", "description": "x" * 5000},
            generatorURL="javascript:alert(1)",
        )
    )
    assert found.summary == "a b [31m"
    assert len(found.description) == 1000
    assert found.url == ""


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "an object"),
        ({"version": "3", "alerts": []}, "version '3'"),
        ({"version": "4"}, "`alerts` is a list"),
        ({"version": "4", "alerts": "x"}, "`alerts` is a list"),
        ({"version": "4", "alerts": ["x"]}, "each of `alerts` is an object"),
        ({"version": "4", "alerts": [{"labels": {}}]}, "no label `alertname`"),
        ({"version": "4", "alerts": [{"labels": ["x"]}]}, "objects of texts"),
    ],
)
def test_what_no_alertmanager_sends_is_told(document: object, said: str) -> None:
    with pytest.raises(BadDocument) as caught:
        read_alerts(document, FLEET, now=NOW)
    assert said in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "version": st.just("4") | JSON,
        "alerts": st.lists(
            st.fixed_dictionaries(
                {"labels": st.dictionaries(st.sampled_from(["alertname", "instance", "job"]), st.text())},
                optional={
                    "startsAt": st.text() | JSON,
                    "annotations": JSON,
                    "generatorURL": JSON,
                    "fingerprint": JSON,
                },
            ),
            max_size=3,
        ),
        "kind": st.text() | JSON,
        "service": st.sampled_from(["shop", "nope"]) | JSON,
        "quiet": st.text() | st.from_regex(r"[0-9]{1,9}[smhd]", fullmatch=True) | JSON,
    },
)


@given(JSON | LIKELY)
def test_no_document_does_anything_else_than_being_read_or_refused(document: object) -> None:
    for read in (read_event, lambda one, fleet: read_alerts(one, fleet, now=NOW)):
        with suppress(BadDocument):
            read(document, FLEET)  # type: ignore[operator]
