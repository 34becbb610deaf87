"""Who is who: Slack's users as the bot looks them up, and those that tests are given, answer alike."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.chat.slack.edge import directory
from bot.chat.slack.people import People
from bot.chat.slack.tokens import Tokens
from bot.domain.invocations import Place
from bot.domain.reviews import Person
from bot.domain.routes import Route
from bot.domain.settings import Settings
from bot.domain.targets import Fleet
from bot.ports import People as Port
from tests.clocks import RealClock
from tests.flows.review.planning import KnownPeople
from tests.sandbox_process import BOT_TOKEN, Sandbox, running_sandbox

RESTS_UNTIL = RealClock().now().replace(microsecond=0) + timedelta(hours=1)
USERS = [
    {"name": "zoe", "dnd_until": RESTS_UNTIL.timestamp()},
    {"name": "yan", "dnd_until": RESTS_UNTIL.timestamp() - 7200},
    {"name": "ana", "real_name": "Ana Martín", "tz": "Europe/Berlin"},
    {"name": "ben", "real_name": "Ben Okafor", "tz": "America/New_York"},
    {"name": "bea", "real_name": "Ben Adams"},
    *({"name": f"p{number:03}"} for number in range(260)),
]
ANA = Person(id="U0ANA0000", name="ana", zone="Europe/Berlin", email="ana@example.org")
BEN = Person(id="U0BEN0000", name="ben", zone="America/New_York", email="ben@example.org")
BEA = Person(id="U0BEA0000", name="bea", zone="Europe/Berlin", email="bea@example.org")
BOT = Person(id="U0HANGBOT", name="hangbot", zone="Etc/UTC", barred="bot")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    setup = {
        "channels": [{"id": "C0OPS", "name": "ops"}],
        "users": USERS,
        "usergroups": [{"id": "S0614TZR7", "handle": "oncall", "users": ["ben"]}],
    }
    with running_sandbox(setup) as running:
        yield running


def in_slack(sandbox: Sandbox) -> People:
    settings = Settings(fleet=Fleet(hosts={}, services={}), channel="#ops")
    return directory(Tokens(bot=BOT_TOKEN, api_url=sandbox.api_url), settings)


@pytest.fixture(params=["slack", "given"])
def people(request: pytest.FixtureRequest, sandbox: Sandbox) -> Port:
    if request.param == "slack":
        return in_slack(sandbox)
    return KnownPeople({one.id: one for one in (ANA, BEN, BEA, BOT)}, resting={"U0ZOE0000": RESTS_UNTIL})


def test_somebody_is_known_by_their_id(people: Port) -> None:
    assert people.person("U0ANA0000") == ANA
    assert people.person("U0HANGBOT") == BOT
    assert people.person("U0NOBODY") is None
    assert people.person("") is None


@pytest.mark.parametrize("name", ["ben", "BEN", "Ben"])
def test_somebody_is_known_by_their_name_in_any_case(people: Port, name: str) -> None:
    assert people.named(name) == BEN


def test_who_is_in_do_not_disturb_is_so_until_then(people: Port) -> None:
    now = RealClock().now()
    assert people.resting_until("U0ZOE0000", now=now) == RESTS_UNTIL
    assert people.resting_until("U0ZOE0000", now=RESTS_UNTIL) is None
    for one in ("U0ANA0000", "U0YAN0000", "U0NOBODY"):
        assert people.resting_until(one, now=now) is None


def test_a_route_to_a_channel_that_is_not_there_leaves_the_others_what_they_are(sandbox: Sandbox) -> None:
    routes = (Route(channel="#no-such-channel"), Route(channel="#ops"))
    settings = Settings(fleet=Fleet(hosts={}, services={}), channel="#ops", routes=routes)
    people = directory(Tokens(bot=BOT_TOKEN, api_url=sandbox.api_url), settings)
    assert people.place("C0OPS") is Place.HOME
    assert people.place("C0ELSEWHERE") is Place.ELSEWHERE
    assert people.place("D0ANA") is Place.DIRECT


def test_hours_that_somebody_has_set_count_from_their_beginning(sandbox: Sandbox) -> None:
    """Slack tells the next span, which may not have begun."""
    people = in_slack(sandbox)
    now = RealClock().now()
    for begins, rests in ((now - timedelta(hours=1), True), (now + timedelta(hours=1), False)):
        people._known["dnd:U0X"] = (
            time.monotonic(),
            {
                "dnd_enabled": True,
                "next_dnd_start_ts": int(begins.timestamp()),
                "next_dnd_end_ts": int((begins + timedelta(hours=8)).timestamp()),
                "snooze_enabled": False,
            },
        )
        assert (people.resting_until("U0X", now=now) is not None) is rests


def test_somebody_is_known_by_their_mail_address(people: Port) -> None:
    assert people.named("ben@example.org") == BEN
    assert people.named("BEN@example.org") == BEN
    assert people.named("nobody@example.org") is None


def test_a_name_that_nobody_has_brings_those_like_it(people: Port) -> None:
    assert people.named("bem") is None
    assert "ben" in people.nearest("bem")
    assert people.nearest("qqqqqqqqqqqq") == ()
    assert "hangbot" not in people.nearest("hangbott"), "a bot cannot be meant"


def test_a_group_is_its_members(people: Port) -> None:
    assert people.group("S0614TZR7") == (BEN,)
    assert people.group("S0NOBODY") == ()


def test_slack_pages_are_read_to_the_end_and_asked_for_once(sandbox: Sandbox) -> None:
    people = in_slack(sandbox)
    assert people.named("p259") is not None
    sandbox.fault("error_500", method="users.list")
    try:
        assert people.named("p258") is not None
    finally:
        sandbox.heal()


def test_what_slack_cannot_tell_now_is_nobody_and_asked_again(sandbox: Sandbox) -> None:
    people = in_slack(sandbox)
    sandbox.fault("error_500")
    assert people.named("ben") is None
    assert people.person("U0BEN0000") is None
    assert people.nearest("bem") == ()
    sandbox.heal()
    assert people.named("ben") == BEN
    assert people.person("U0BEN0000") == BEN


def test_a_first_name_is_enough_where_one_person_alone_has_it(sandbox: Sandbox) -> None:
    people = in_slack(sandbox)
    assert people.named("martín") is None
    assert people.named("Ana Martín") == ANA
    assert people.named("ben") == BEN, "the handle goes before a first name"


def test_an_actor_has_the_zone_of_their_profile(sandbox: Sandbox) -> None:
    assert in_slack(sandbox).actor("U0BEN0000").zone == "America/New_York"
