"""Incidents, notes, timelines and reports, typed and pressed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.console import render
from bot.domain.actions import Action, ActionStatus, Approval
from bot.domain.invocations import Actor, Audience, Invocation, Place, Reply, Via
from bot.domain.messages import Message, Notification, Operation, Posted
from bot.domain.observations import ServiceState
from bot.domain.settings import AccessPolicy
from bot.domain.timeline import EventKind
from bot.flows import timeline
from handlers import router
from handlers.arguments import parse
from tests.flows.watch.night import ANA, Night, night
from tests.stores import fresh_store

EVE = Actor(id="U0EVE", name="eve", member=True)
LOCAL = Actor(id="local:root", name="local:root", local=True)


class Asked:
    """One bot with the host `web1`, and who asks it; in a thread where one is given."""

    def __init__(self, bot: Night) -> None:
        self.bot, self.count = bot, 0

    def __call__(
        self, line: str, actor: Actor = ANA, *, thread: Posted | None = None, place: Place = Place.HOME
    ) -> Reply:
        verb, args = parse(line)
        via = Via.MENTION if thread else Via.SLASH
        return self.put(verb, args, actor=actor, via=via, text=line, thread=thread, place=place)

    def press(self, action: str, value: str, actor: Actor = ANA) -> Reply:
        return self.put(action, (value,), actor=actor, via=Via.BUTTON, text="")

    def put(
        self,
        verb: str,
        args: tuple[str, ...],
        *,
        actor: Actor,
        via: Via,
        text: str,
        thread: Posted | None = None,
        place: Place = Place.HOME,
    ) -> Reply:
        self.count += 1
        invocation = Invocation(
            id=f"t{self.count}",
            actor=actor,
            verb=verb,
            args=args,
            text=text,
            channel=thread.channel if thread else "C1",
            thread_ts=thread.ts if thread else None,
            via=via,
            place=place,
            at=self.bot.clock.now(),
        )
        return router.answer(invocation, self.bot.services)

    def text(self, line: str, actor: Actor = ANA, *, thread: Posted | None = None) -> str:
        reply = self(line, actor, thread=thread)
        assert reply.message is not None
        return reply.message.text


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    store = fresh_store(tmp_path)
    made = night(store)
    settings = replace(made.services.settings, access=AccessPolicy(operators=("U0ANA",)))
    made.services = replace(made.services, settings=settings)
    made.round()
    yield Asked(made)
    store.close()


def notes(ask: Asked, key: str = "INC-1") -> list[str]:
    incident = next(one for one in ask.bot.store.incidents() if one.key == key)
    entries = timeline.read(incident, ask.bot.services)
    return [str(one.event.facts["text"]) for one in entries if one.event.kind is EventKind.NOTED]


# --- opening


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("incident open shop hangs", "shop hangs"),
        ("incident open “customers can’t pay”", "customers can't pay"),
        ("INCIDENT  Open   shop   hangs", "shop hangs"),
        ("incident new shop hangs", "shop hangs"),
        ("incident open shop — at 4 AM", "shop — at 4 AM"),
        ("incident open <https://shop.example|shop> is down", "shop is down"),
        ("incident open another", "another"),
        ("incident open " + "x" * 280, "x" * 280),
    ],
)
def test_a_title_is_taken_as_it_was_meant(ask: Asked, line: str, title: str) -> None:
    assert ask.text(line).startswith("INC-1 is open: ")
    assert ask.bot.store.incidents()[0].title == title


def test_without_a_title_the_only_alert_names_the_incident(ask: Asked) -> None:
    assert "Nothing fires that would give it a name: /hang incident open TITLE." in ask.text("incident open")
    ask.bot.fire()
    assert ask.text("incident open").startswith("INC-1 is open: shop on web1 does not answer")
    assert ask.text("incident open").startswith("INC-1 is open for that already")


def test_the_alerts_button_opens_and_a_second_press_says_which(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    first = ask.press("incident", alert.id)
    assert first.message is not None
    assert "INC-1 is open" in first.message.text
    again = ask.press("incident", alert.id)
    assert again.message is not None
    assert not again.refused
    assert "INC-1 is open for that already" in again.message.text


def test_in_an_alerts_thread_an_incident_is_opened_for_that_alert(ask: Asked) -> None:
    ask.bot.fire()
    for _ in range(5):
        ask.bot.round(ServiceState.DOWN)
    silent = next(one for one in ask.bot.store.alerts() if one.rule == "service_silent")
    down = next(one for one in ask.bot.store.alerts() if one.rule == "service_down")
    ask.bot.said()
    assert ask.bot.store.posted(silent.subject) != ask.bot.store.posted(down.subject)
    ask("incident open", thread=ask.bot.store.posted(down.subject))
    (incident,) = ask.bot.store.incidents()
    assert incident.alerts == (down.id,)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("incident", "/hang incident open TITLE"),
        ("incident frobnicate", "frobnicate is nothing I do with an incident"),
        ("incident resolve", "No incident is open"),
        ("incident resolve INC-7", "I know no incident INC-7"),
        ("timeline", "No incident is open"),
        ("report", "No incident is open"),
        ("timeline INC-7", "I know no incident INC-7. There is no incident at all."),
        ("note", "What shall I note?"),
        ("note it hangs", "No incident is open"),
    ],
)
def test_what_cannot_be_done_says_what_to_type(ask: Asked, line: str, said: str) -> None:
    reply = ask(line)
    assert reply.refused
    assert reply.message is not None
    assert said in reply.message.text


# --- naming


@pytest.mark.parametrize("word", ["INC-1", "inc-1", "inc1", "1", "#1", "inc 1", "INC #1"])
@pytest.mark.parametrize("verb", ["timeline", "report"])
def test_an_incident_is_named_as_people_do(ask: Asked, verb: str, word: str) -> None:
    ask("incident open first")
    ask("incident open second")
    reply = ask(f"{verb} {word}")
    assert reply.message is not None
    assert "INC-1" in reply.message.text
    assert reply.audience is Audience.CHANNEL


def test_an_incident_is_named_by_its_id_too(ask: Asked) -> None:
    ask("incident open first")
    assert "INC-1" in ask.text(f"timeline {ask.bot.store.incidents()[0].id.upper()}")


def test_a_wrong_name_gets_the_nearest(ask: Asked) -> None:
    ask("incident open first")
    assert "Did you mean INC-1? /hang timeline INC-1" in ask.text("timeline INC-11")
    assert "I do not understand now" in ask.text("timeline INC-1 now")
    assert "I know no incident banana. There is INC-1." in ask.text("timeline banana")


def test_without_a_name_the_only_open_one_is_meant_then_the_newest_of_a_day(ask: Asked) -> None:
    ask("incident open first")
    ask("incident open second")
    ask("incident resolve INC-2")
    assert "INC-1" in ask.text("timeline")
    ask("incident resolve")
    assert "INC-2" in ask.text("timeline")
    ask.bot.clock.at += timedelta(hours=25)
    assert "Which incident? INC-2 second, INC-1 first. Name it: /hang timeline [INC]." in ask.text("timeline")


def test_in_a_thread_its_incident_is_meant(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    ask.press("incident", alert.id)
    ask("incident open another second")
    first = ask.bot.store.incidents()[1]
    ask.bot.said()
    for subject in (first.subject, alert.subject):
        assert "INC-1" in ask.text("report", thread=ask.bot.store.posted(subject))
    assert "resolved INC-1" in ask.text("incident resolve", thread=ask.bot.store.posted(first.subject))


def test_in_the_thread_of_an_act_its_alerts_incident_is_meant(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    ask.press("incident", alert.id)
    ask("incident open another second")
    now = ask.bot.clock.now()
    act = Action(
        id="act_1", verb="restart", target=alert.target, remedy="restart_unit", command=("x",), alert=alert.id, channel="C1",
        asked=Approval(by="U0ANA", name="ana", at=now), expires_at=now, status=ActionStatus.PROPOSED, updated_at=now,
    )  # fmt: skip
    root = Notification(
        id="out_act", subject=act.subject, operation=Operation.POST, message=Message(text="?"), created_at=now, channel="C1"
    )  # fmt: skip
    ask.bot.store.commit(actions=[act], notifications=[root])
    ask.bot.said()
    assert "INC-1" in ask.text("timeline", thread=ask.bot.store.posted(act.subject))


# --- noting


def test_a_note_goes_to_the_threads_incident_the_named_one_or_the_only_open_one(ask: Asked) -> None:
    ask("incident open first")
    assert ask.text("note called the vendor", EVE) == "Noted in the timeline of INC-1."
    ask("incident open second")
    assert "Which incident? INC-2 second, INC-1 first. Name it: /hang note INC-12 TEXT." in ask.text(
        "note more"
    )
    assert ask.text("note inc-1 more", EVE) == "Noted in the timeline of INC-1."
    ask.bot.said()
    second = ask.bot.store.incidents()[0]
    assert "INC-2" in ask.text("note of the second", thread=ask.bot.store.posted(second.subject))
    assert (notes(ask), notes(ask, "INC-2")) == (["called the vendor", "more"], ["of the second"])


def test_a_note_may_begin_with_a_number(ask: Asked) -> None:
    ask("incident open first")
    ask("note 12 workers were stuck")
    ask("note 3")
    assert notes(ask) == ["12 workers were stuck", "3"]


def test_a_note_in_an_alerts_thread_is_of_the_alert(ask: Asked) -> None:
    ask.bot.fire()
    (alert,) = ask.bot.store.alerts(unresolved=True)
    ask.bot.said()
    assert ask.text("note odd", thread=ask.bot.store.posted(alert.subject)) == (
        "Noted in the timeline of shop on web1."
    )
    ask("incident open")
    assert notes(ask) == ["odd"]


# --- resolving


def test_an_incident_is_resolved_with_a_word_about_it(ask: Asked) -> None:
    ask("incident open first")
    assert (
        ask.text("incident resolve it was the config") == "@ana resolved INC-1 after 0 s: it was the config"
    )
    assert "already" in ask.text("incident resolve INC-1")
    ask("incident open second")
    ask("incident open third")
    assert "resolved INC-2 after 0 s: done" in ask.text("incident close 2 done")
    assert "resolved INC-3 after 0 s: 1 host was rebooted" in ask.text("incident resolve 1 host was rebooted")
    assert ask.bot.store.incidents(unresolved=True) == []


def test_the_incidents_buttons_resolve_and_report(ask: Asked) -> None:
    ask("incident open first")
    (incident,) = ask.bot.store.incidents()
    report = ask.press("report", incident.id, EVE)
    assert report.message is not None
    assert report.message.attachment is not None
    assert report.message.attachment.name == "report-INC-1.md"
    assert ask.press("resolve", incident.id, EVE).refused
    assert not ask.press("resolve", incident.id).refused
    assert not ask.bot.store.incidents()[0].open
    for action, value in (("resolve", "inc_forged"), ("incident", "alr_forged"), ("report", "inc_forged")):
        assert ask.press(action, value).refused, action


def test_the_list_is_for_all_to_see(ask: Asked) -> None:
    ask("incident open first")
    reply = ask("incident list")
    assert reply.audience is Audience.CHANNEL
    assert reply.message is not None
    assert reply.message.text == "1 incident open."


# --- who may


@pytest.mark.parametrize("line", ["incident open x", "incident resolve", "incident list", "resolve INC-1"])
def test_incidents_are_for_operators(ask: Asked, line: str) -> None:
    ask("incident open first")
    reply = ask(line, EVE)
    assert reply.refused
    assert reply.message is not None
    assert reply.message.text.startswith("You may look, but not incident")
    assert not ask(line, LOCAL).refused


@pytest.mark.parametrize("line", ["note seen", "timeline", "report"])
def test_members_note_and_look_and_nobody_does_elsewhere(ask: Asked, line: str) -> None:
    ask("incident open first")
    assert not ask(line, EVE).refused
    assert not ask(line, EVE, place=Place.DIRECT).refused
    assert ask(line, place=Place.ELSEWHERE).refused
    assert ask(line, Actor(id="U0WHO", name="who")).refused


# --- at a terminal


def test_at_a_terminal_the_report_is_printed_and_a_timeline_is_whole(ask: Asked) -> None:
    ask("incident open told @here | first")
    for number in range(40):
        ask(f"note number {number}")

    def printed(line: str) -> list[str]:
        verb, args = parse(line)
        reply = ask.put(verb, args, actor=LOCAL, via=Via.CONSOLE, text=line)
        assert reply.message is not None
        assert reply.message.attachment is None
        return render(reply.message).splitlines()

    assert printed("report")[0] == "# INC-1: told @here \\| first"
    assert "| What | UTC | Europe/Berlin | How long |" in printed("report")
    assert not any("\ufffd" in row for row in printed("report"))
    assert len(printed("timeline")) == 42
