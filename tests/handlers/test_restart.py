"""`restart`, `confirm` and `cancel` as they are typed and pressed: what is meant, and what is refused with what to type."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.invocations import Actor, Invocation, Place, Reply, Via
from bot.domain.jobs import JobKind
from bot.domain.observations import ServiceState
from bot.domain.settings import AccessPolicy
from bot.domain.targets import Fleet, HostSpec, ServiceSpec, Target
from handlers import router
from handlers.arguments import parse
from tests.flows.watch.night import ANA, Night, night
from tests.stores import fresh_store

EVE = Actor(id="U0EVE", name="eve", member=True)
GUEST = Actor(id="U0GUE", name="guest")


class Asked:
    """A bot with `web1` (a `shop` with a unit), `web2` (a `shop` and an `api` that nobody can restart) and `bare`."""

    def __init__(self, bot: Night) -> None:
        self.bot, self.count = bot, 0

    def __call__(self, line: str, actor: Actor = ANA, place: Place = Place.HOME) -> Reply:
        verb, args = parse(line)
        return self._put(verb, args, actor, Via.SLASH, place)

    def press(self, action: str, value: str, actor: Actor = ANA) -> Reply:
        return self._put(action, (value,) if value else (), actor, Via.BUTTON, Place.HOME)

    def _put(self, verb: str, args: tuple[str, ...], actor: Actor, via: Via, place: Place) -> Reply:
        self.count += 1
        asked = Invocation(id=f"t{self.count}", actor=actor, verb=verb, args=args, text=f"/hang {verb}",
                           channel="C1", via=via, place=place, at=self.bot.clock.now())  # fmt: skip
        return router.answer(asked, self.bot.services)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    store = fresh_store(tmp_path)
    made = night(store)
    settings = made.services.settings
    hosts = dict(settings.fleet.hosts) | {
        "web2": HostSpec(name="web2", services=("shop", "api")),
        "bare": HostSpec(name="bare"),
    }
    services = dict(settings.fleet.services) | {"api": ServiceSpec(name="api", process="api.py")}
    access = AccessPolicy(operators=(ANA.id,))
    changed = replace(settings, fleet=Fleet(hosts=hosts, services=services), access=access)
    made.services = replace(made.services, settings=changed)
    yield Asked(made)
    store.close()


def text(reply: Reply) -> str:
    assert reply.message is not None
    return reply.message.text


@pytest.mark.parametrize(
    ("line", "hurried"),
    [
        ("restart web1 shop", False),
        ("RESTART WEB1 Shop", False),
        ("restart web1/shop", False),
        ("restart web1", False),
        ("restart web1 shop now", True),
        ("restart web1 shop --now", True),
        ("restart web1 shop — now", False),
        ("restart web1/shop now", True),
        ("restart web1 NOW", True),
        ("restart “web1” ‘shop’", False),
    ],
)
def test_the_target_is_found_however_it_is_typed(ask: Asked, line: str, hurried: bool) -> None:
    reply = ask(line)
    if "—" in line:
        assert reply.refused
        return
    assert not reply.refused, reply.message
    (action,) = ask.bot.store.actions()
    assert action.target == Target(host="web1", service="shop")
    assert action.status is ActionStatus.PREPARING
    assert action.hurried is hurried
    assert action.command == ("sudo", "-n", "systemctl", "restart", "shop.service")
    job = ask.bot.store.job(reply.jobs[0])
    assert job is not None
    assert (job.kind, dict(job.payload)) == (JobKind.ACT, {"action": action.id})
    assert ask.bot.said() == [], "nothing is said before there is something to ask"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("restart", "Which host? /hang restart HOST SERVICE"),
        ("restart wbe1 shop", "/hang restart web1 shop"),
        ("restart web1 shpo", "/hang restart web1 shop"),
        ("restart web2", "Which one? /hang restart HOST SERVICE"),
        ("restart web1 shop twice", "I do not understand twice"),
        ("restart web2 api", "services.api"),
        ("restart bare", "does not say how to restart bare"),
        ("restart now", "I know no host now"),
        ("confirm", "Which question? /hang confirm ID"),
        ("cancel", "Which question? /hang cancel ID"),
        ("confirm act_nope", "I know no question act_nope"),
        ("confirm yes", "I know no question yes"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_type(ask: Asked, line: str, says: str) -> None:
    reply = ask(line)
    assert reply.refused
    assert says in text(reply)
    assert ask.bot.store.actions() == []
    assert ask.bot.said() == []


def test_one_of_two_services_is_meant_where_it_alone_is_unwell(ask: Asked) -> None:
    from bot.domain.observations import Observation, ProbeOutcome, ServiceReading

    states = {"shop": ServiceState.SILENT, "api": ServiceState.ANSWERING}
    seen = Observation(
        host="web2",
        at=ask.bot.clock.now(),
        outcome=ProbeOutcome.OK,
        services={name: ServiceReading(state=state) for name, state in states.items()},
    )
    ask.bot.store.commit(observations=[seen])
    assert not ask("restart web2").refused
    assert ask.bot.store.actions()[0].target == Target(host="web2", service="shop")


def test_the_alerts_button_knows_its_target_and_thread(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    ask.bot.said()
    assert not ask.press("restart", alert.id).refused
    (action,) = ask.bot.store.actions()
    root = ask.bot.store.posted(alert.subject)
    assert root is not None
    assert (action.alert, action.channel, action.thread_ts) == (alert.id, root.channel, root.ts)


def test_who_may_not_is_told_in_words_that_name_the_target_and_it_is_audited(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    assert text(ask.press("restart", alert.id, EVE)).startswith(
        "You may look, but not restart shop on web1. "
    )
    assert "U0ANA" in text(ask("restart web1 shop", EVE))
    assert ask("restart web1 shop", GUEST).refused
    assert ask("restart web1 shop", ANA, Place.ELSEWHERE).refused
    assert ask.bot.store.actions() == []
    refused = [entry.outcome for entry in ask.bot.store.audit() if entry.verb == "restart"]
    assert len(refused) == 4


@pytest.mark.parametrize("forged", ["", "alr_forged", "web1 shop", "act_1"])
def test_a_forged_alert_restarts_nothing(ask: Asked, forged: str) -> None:
    assert ask.press("restart", forged).refused
    assert ask.bot.store.actions() == []


def test_a_button_pressed_twice_asks_once(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    ask.press("restart", alert.id)
    assert "is being restarted already: asked for by ana" in text(ask.press("restart", alert.id))
    assert len(ask.bot.store.actions()) == 1
