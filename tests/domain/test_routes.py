"""Where an alert goes: the first route that matches, by labels, host, service, zone, rule and severity."""

import pytest

from bot.domain.alerts import Severity
from bot.domain.routes import Route, facts_of, way_of
from bot.domain.targets import HostSpec, Target

WEB1 = HostSpec(name="web1", zone="eu", labels={"team": "pay", "severity": "critical"})
SHOP = Target(host="web1", service="shop")


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        ({}, True),
        ({"team": "pay"}, True),
        ({"team": "search"}, False),
        ({"team": "p*"}, True),
        ({"host": "web*"}, True),
        ({"host": "db*"}, False),
        ({"service": "shop"}, True),
        ({"zone": "eu"}, True),
        ({"alert": "service_silent"}, True),
        ({"severity": "warning"}, True),
        ({"severity": "critical"}, False),  # the label of that name is about something else
        ({"team": "pay", "host": "db*"}, False),
        ({"nobody": "has this"}, False),
        ({"nobody": ""}, True),
    ],
)
def test_a_route_matches_by_everything_that_is_known(match: dict[str, str], matches: bool) -> None:
    routes = [Route(match=match, channel="#there", oncall="pay")]
    way = way_of(
        SHOP, rule="service_silent", severity=Severity.WARNING, host=WEB1, routes=routes, channel="#ops"
    )
    assert (way.channel, way.oncall) == (("#there", "pay") if matches else ("#ops", "default"))


def test_the_first_route_that_matches_is_taken_and_says_only_what_it_says() -> None:
    routes = [
        Route(match={"team": "search"}, channel="#search"),
        Route(match={"team": "pay"}, oncall="pay"),
        Route(channel="#rest"),
    ]
    way = way_of(SHOP, rule="x", severity=Severity.INFO, host=WEB1, routes=routes, channel="#ops")
    assert (way.channel, way.oncall) == ("#ops", "pay")


def test_a_host_that_nobody_knows_is_matched_by_its_name() -> None:
    facts = facts_of(Target(host="gone"), rule="x", severity=Severity.INFO, host=None)
    assert facts == {"host": "gone", "service": "", "alert": "x", "severity": "info"}
