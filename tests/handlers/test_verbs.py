"""Each verb through the router, on a real store, with no Slack anywhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.alerts import AlertStatus
from bot.domain.invocations import Actor, Invocation, Place, Reply, Via
from bot.domain.jobs import JobStatus
from bot.domain.observations import ServiceState
from bot.domain.settings import AccessPolicy
from bot.domain.targets import Fleet, HostSpec, ServiceSpec
from handlers import HANDLERS, router
from handlers.arguments import parse
from tests.flows.watch.night import ANA, Night, night
from tests.stores import fresh_store

EVE = Actor(id="U0EVE", name="eve", member=True)
API = ServiceSpec(name="api", process="api.py")


class Asked:
    """One bot with one host `web1` (a `shop`), one `web2` (a `shop` and an `api`) and one `bare`; and who asks it."""

    def __init__(self, bot: Night) -> None:
        self.bot, self.count = bot, 0

    def __call__(
        self, line: str, actor: Actor = ANA, via: Via = Via.SLASH, place: Place = Place.HOME
    ) -> Reply:
        verb, args = parse(line)
        self.count += 1
        return self.put(verb, args, actor=actor, via=via, place=place, text=line)

    def press(self, action: str, value: str, actor: Actor = ANA) -> Reply:
        return self.put(action, (value,), actor=actor, via=Via.BUTTON, place=Place.HOME, text="")

    def put(
        self, verb: str, args: tuple[str, ...], *, actor: Actor, via: Via, place: Place, text: str
    ) -> Reply:
        self.count += 1
        invocation = Invocation(
            id=f"t{self.count}",
            actor=actor,
            verb=verb,
            args=args,
            text=text,
            channel="C1",
            via=via,
            place=place,
            at=self.bot.clock.now(),
        )
        return router.answer(invocation, self.bot.services)

    def text(self, line: str, actor: Actor = ANA) -> str:
        reply = self(line, actor)
        assert reply.message is not None
        return reply.message.text


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    store = fresh_store(tmp_path)
    made = night(store)
    settings = made.services.settings
    hosts = dict(settings.fleet.hosts) | {
        "web2": HostSpec(name="web2", services=("shop", "api")),
        "bare": HostSpec(name="bare"),
    }
    fleet = Fleet(hosts=hosts, services=dict(settings.fleet.services) | {"api": API})
    made.services = replace(
        made.services,
        settings=replace(settings, fleet=fleet, access=AccessPolicy(operators=("U0ANA",))),
    )
    yield Asked(made)
    store.close()


def test_every_verb_answers_somebody_who_types_nothing_else(ask: Asked) -> None:
    for verb in HANDLERS:
        reply = ask(verb)
        assert reply.message is not None, verb
        assert reply.message.text, verb


def test_help_names_every_verb(ask: Asked) -> None:
    reply = ask("help")
    assert reply.message is not None
    shown = repr(reply.message)
    assert all(verb in shown for verb in HANDLERS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("inspct web1", "/hang inspect HOST"),
        ("inspect wbe1", "/hang inspect web1"),
        ("inspect web1 shopp", "/hang inspect web1 shop"),
        ("inspect web2", "Which one?"),
        ("inspect bare", "/hang inspect bare pid"),
        ("inspect", "Which host?"),
        ("inspect web1 pid nine", "nine is no process number"),
        ("inspect web1 pid -1", "is no process number"),
        ("inspect web1 shop now", "I do not understand now"),
        ("silence wbe1/shop 2h deploying", "/hang silence web1/shop 2h deploying"),
        ("silence web1", "For how long?"),
        ("silence 2h", "Which host?"),
        ("silence web1 25h", "24 h at most"),
        ("silence web1 0s", "would be over already"),
        ("unsilence sil_nope", "I know no silence sil_nope"),
        ("ack", "Nothing fires"),
        ("ack web9", "I know no"),
        ("probe wbe1", "/hang probe web1"),
        ("status web11", "/hang status web1"),
        ("; rm -rf /", "I do not know ;"),
        ("help silnce", "silence"),
    ],
)
def test_what_is_mistyped_gets_what_to_type(ask: Asked, line: str, said: str) -> None:
    reply = ask(line)
    assert reply.message is not None
    assert said in reply.message.text
    assert ask.bot.said() == [], "a refusal is whispered, never posted"


def test_eve_may_not_silence_and_is_told_who_may(ask: Asked) -> None:
    reply = ask("silence web1 2h", EVE)
    assert reply.refused
    assert reply.message is not None
    assert reply.message.text.startswith("You may look, but not silence web1")
    assert "U0ANA" in reply.message.text
    assert not ask.bot.store.silences(now=ask.bot.clock.now())


def test_in_another_channel_nobody_is_answered(ask: Asked) -> None:
    reply = ask("status", place=Place.ELSEWHERE)
    assert reply.refused
    assert reply.message is not None
    assert "#ops" in reply.message.text


@pytest.mark.parametrize(
    "line",
    ["silence web1 2h deploying", "silence 2h web1 deploying", "silence deploying web1 2h", "SILENCE Web1 2H deploying",
     "silence web1 for 2h deploying", "silence web1 2 hours deploying", "silence 2 h web1 deploying"],
)  # fmt: skip
def test_the_words_of_a_silence_come_in_any_order(ask: Asked, line: str) -> None:
    ask(line)
    (silence,) = ask.bot.store.silences(now=ask.bot.clock.now())
    assert (silence.host, silence.service) == ("web1", None)
    assert (silence.ends_at - silence.starts_at).total_seconds() == 7200
    assert silence.reason == "deploying"


@pytest.mark.parametrize(
    ("line", "host", "service", "rule"),
    [
        ("silence web* 30m", "web*", None, ""),
        ("silence */shop 30m", "", "shop", ""),
        ("silence shop 30m", "", "shop", ""),
        ("silence service_silent 30m", "", None, "service_silent"),
        ("silence 30m fixing shop on web2", "web2", None, ""),
    ],
)
def test_a_silence_may_be_of_more_than_one_host(
    ask: Asked, line: str, host: str, service: str | None, rule: str
) -> None:
    assert not ask(line).refused
    (silence,) = ask.bot.store.silences(now=ask.bot.clock.now())
    assert (silence.host, silence.rule) == (host, rule)
    assert silence.service == service


def test_a_silence_is_of_a_service_where_one_is_named_and_is_ended_by_its_id(ask: Asked) -> None:
    ask("silence web1/shop 30m")
    (silence,) = ask.bot.store.silences(now=ask.bot.clock.now())
    assert silence.service == "shop"
    assert silence.id in repr(ask("alerts").message)
    ask(f"unsilence {silence.id.upper()}")
    assert not ask.bot.store.silences(now=ask.bot.clock.now())


def test_an_inspection_is_queued_once_while_it_runs(ask: Asked) -> None:
    first = ask("inspect web1")
    assert len(first.jobs) == 1
    job = ask.bot.store.job(first.jobs[0])
    assert job is not None
    assert job.status is JobStatus.QUEUED
    again = ask("inspect web1")
    assert again.jobs == ()
    assert again.message is not None
    assert "already" in again.message.text


def test_acknowledging_takes_the_only_alert_or_the_one_that_is_named(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    assert alert.status is AlertStatus.FIRING
    ask("ack")
    (marked,) = ask.bot.store.alerts(unresolved=True)
    assert marked.acknowledged is not None
    assert marked.acknowledged.by == "U0ANA"
    assert "web1" in repr(ask(f"ack {alert.id}").message)


def test_a_button_says_what_it_is_about_and_a_forged_one_is_refused(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    assert ask.press("ack", alert.id).refused is False
    for action, value in (("ack", "alr_forged"), ("inspect", "alr_forged"), ("silence", "2h|alr_forged")):
        reply = ask.press(action, value)
        assert reply.refused, action
        assert reply.message is not None
    assert ask.press("silence", f"9d|{alert.id}").refused
    assert ask.press("silence", f"30m|{alert.id}", EVE).refused


def test_status_and_alerts_tell_what_fires(ask: Asked) -> None:
    assert "Nothing fires" in ask.text("alerts")
    ask.bot.round(ServiceState.ANSWERING)
    ask.bot.fire()
    assert "web1" in repr(ask("alerts").message)
    assert "silent" in repr(ask("status").message)
    assert "silent" in repr(ask("status web1").message)
