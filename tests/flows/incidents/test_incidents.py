"""What people do with incidents."""

import re
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.chat.slack.blocks import blocks, text
from bot.domain.errors import BadArgument, Conflict, UnknownName
from bot.domain.messages import Operation
from bot.domain.observations import ServiceState
from bot.domain.reviews import Person
from bot.domain.settings import InspectPolicy
from bot.domain.timeline import EventKind
from bot.flows import incidents, respond, timeline
from bot.ports import Store
from tests.flows.incidents.stage import SHOP, asked, buttons, card, events, loud, of, shown
from tests.flows.watch.night import ANA, BEN, Night, night
from tests.flows.watch.test_watch import Racing

HOSTILE = [
    "<!channel> <@U0BEN0000> <https://evil.example|click>",
    "*bold* _it_ ~x~ `code` | pipe > quote",
    "a" * 300,
    "abc\u202edef \u200bghi \x1b[31mred",
    "x\n\ny\r\nz",
    "&lt;script&gt; <script>alert(1)</script>",
    "🔥" * 60,
]


def mrkdwn(made: Any) -> list[str]:
    """Return all texts in which Slack looks for marks."""
    if isinstance(made, list):
        return [found for one in made for found in mrkdwn(one)]
    if not isinstance(made, dict):
        return []
    own = [made["text"]] if made.get("type") == "mrkdwn" else []
    return own + [found for one in made.values() for found in mrkdwn(one)]


def opened(bot: Night, title: str = "") -> Any:
    """Open an incident for the only alert; return it and what was said."""
    (alert,) = bot.store.alerts()
    incidents.open_incident(bot.services, actor=ANA, alert=alert, title=title)
    (incident,) = bot.store.incidents()
    return incident, bot.said()


def test_an_incident_of_an_alert_has_its_words_its_target_and_its_first_bad_sample(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    incident, said = opened(firing)
    assert (incident.key, incident.title) == ("INC-1", "shop on web1 does not answer")
    assert (incident.since, incident.targets, incident.alerts) == (alert.since, (SHOP,), (alert.id,))
    root = next(one for one in said if one.subject == incident.subject)
    assert (root.operation, root.channel) == (Operation.POST, "#ops")
    metadata = root.message.metadata
    assert metadata is not None
    assert metadata.event_type == "hangbot_incident"
    assert metadata.payload == {"id": incident.id, "status": "open", "key": "INC-1", "members": [alert.id]}
    assert root.message.text.startswith("INC-1 open: shop on web1 does not answer, since 03:5")
    assert {name: one.value for name, one in buttons(root.message).items()} == dict.fromkeys(
        ("report", "review", "resolve"), incident.id
    )
    edit = next(one for one in said if one.subject == alert.subject)
    assert "INC-1 · service_silent" in shown(edit.message)


def test_nobody_is_rung_by_an_incident(firing: Night) -> None:
    incident, said = opened(firing)
    incidents.note(firing.services, invocation=asked(firing), text="x", about=incident, said_there=False)
    incidents.resolve(firing.services, actor=BEN, incident=incident)
    for one in [*said, *firing.said()]:
        if one.subject == incident.subject:
            assert loud(one.message) == []


def test_a_second_press_says_which_is_open_and_where(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    opened(firing)
    answer = incidents.open_incident(firing.services, actor=BEN, alert=alert).text
    assert answer.startswith("INC-1 is open for that already: shop on web1 does not answer, opened by @ana.")
    assert "in #ops" in answer
    typed = incidents.open_incident(firing.services, actor=BEN, title="shop hangs").text
    assert typed.startswith("INC-1 is open for that already")
    assert "/hang incident open another TITLE" in typed
    assert len(firing.store.incidents()) == 1
    assert firing.said() == []


def test_another_incident_can_be_opened_by_saying_so(firing: Night) -> None:
    opened(firing)
    incidents.open_incident(firing.services, actor=BEN, title="the VPN", another=True)
    newest = firing.store.incidents()[0]
    assert (newest.key, newest.title, newest.alerts) == ("INC-2", "the VPN", ())


def test_an_incident_can_be_opened_where_nothing_fires_if_it_has_a_title(calm: Night) -> None:
    with pytest.raises(BadArgument) as caught:
        incidents.open_incident(calm.services, actor=ANA)
    assert caught.value.code == "incident_title"
    incidents.open_incident(calm.services, actor=ANA, title="  customers cannot pay ")
    (incident,) = calm.store.incidents()
    assert (incident.title, incident.since, incident.targets) == (
        "customers cannot pay", calm.clock.now(), (),
    )  # fmt: skip
    assert "Since" in shown(card(calm.said(), incident))


def test_a_typed_incident_takes_in_all_that_fires_and_is_told(firing: Night) -> None:
    for _ in range(5):
        firing.round(ServiceState.DOWN)
    with pytest.raises(BadArgument):
        incidents.open_incident(firing.services, actor=ANA)
    incidents.open_incident(firing.services, actor=ANA, title="shop")
    (incident,) = firing.store.incidents()
    assert len(incident.alerts) == 2
    assert incident.since == min(one.since for one in firing.store.alerts() if one.since)


def test_an_unknown_alert_opens_nothing(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    with pytest.raises(UnknownName):
        incidents.open_incident(firing.services, actor=ANA, alert=replace(alert, id="alr_gone"))
    assert firing.store.incidents() == []


def test_who_resolves_is_named_and_the_thread_is_told(firing: Night) -> None:
    incident, _ = opened(firing)
    firing.calm()
    firing.said()
    answer = incidents.resolve(firing.services, actor=BEN, incident=incident, text="restarted")
    assert answer.text == "@ben resolved INC-1 after 1 min: restarted"
    said = firing.said()
    assert [one.operation for one in of(said, incident)] == [Operation.EDIT, Operation.REPLY]
    message = card(said, incident)
    assert message.metadata is not None
    assert message.metadata.payload["status"] == "resolved"
    assert list(buttons(message)) == ["report", "review"]
    assert incidents.resolve(firing.services, actor=ANA, incident=incident).text.startswith(
        "@ben resolved INC-1 already, at 03:5"
    )
    assert len(events(firing.store)) == 3
    entries = timeline.read(firing.store.incidents()[0], firing.services)
    assert [one.event.kind for one in entries][-1] is EventKind.INCIDENT_RESOLVED
    assert [entry.verb for entry in firing.store.audit()] == ["incident resolve", "incident open"]


def test_resolving_while_an_alert_fires_does_it_and_says_so(firing: Night) -> None:
    incident, said = opened(firing)
    ask = buttons(card(said, incident))["resolve"].ask
    assert "Still firing: shop on web1 (silent)." in ask.text
    answer = incidents.resolve(firing.services, actor=ANA, incident=incident)
    assert (
        "Still firing: shop on web1 (silent). Resolving the incident does not end its alerts." in answer.text
    )
    assert not firing.store.incidents()[0].open
    firing.said()
    firing.calm()
    assert "over: shop on web1" in shown(card(firing.said(), incident)), "its message follows to the end"


def test_a_note_stands_in_the_timeline_and_in_the_thread(firing: Night) -> None:
    incident, _ = opened(firing)
    answer = incidents.note(
        firing.services, invocation=asked(firing), text="called the vendor", about=incident, said_there=False
    )
    assert answer.text == "Noted in the timeline of INC-1."
    said = firing.said()
    assert [one.operation for one in of(said, incident)] == [Operation.EDIT, Operation.REPLY]
    assert "@ana: called the vendor" in shown(card(said, incident))
    again = asked(firing)
    incidents.note(
        firing.services, invocation=again, text="called the vendor", about=incident, said_there=True
    )
    notes = [one for one in timeline.read(incident, firing.services) if one.event.kind is EventKind.NOTED]
    assert len(notes) == 1, "a delivery that came twice is one note"
    assert [one.operation for one in of(firing.said(), incident)] == [Operation.EDIT]


def test_a_note_on_an_alert_is_there_when_an_incident_is_opened_for_it_later(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    answer = incidents.note(
        firing.services, invocation=asked(firing), text="odd queue", about=alert, said_there=True
    )
    assert answer.text == "Noted in the timeline of shop on web1."
    firing.clock.at += timedelta(seconds=5)
    incident, said = opened(firing)
    assert "@ana: odd queue" in shown(card(said, incident))
    incidents.note(
        firing.services,
        invocation=asked(firing, number=2),
        text="second",
        about=firing.store.alerts()[0],
        said_there=True,
    )
    assert "@ana: second" in shown(card(firing.said(), incident))


class Known:
    def person(self, user_id: str) -> Person | None:
        return Person(id=user_id, name="ben") if user_id == "U0BEN" else None

    def named(self, name: str) -> Person | None:
        return None


def test_people_in_a_note_are_called_by_their_names(firing: Night) -> None:
    services = replace(firing.services, people=Known())
    assert incidents.spoken("asked @U0BEN, not @U0NOBODY or x@U0BEN", services) == (
        "asked @ben, not @U0NOBODY or x@U0BEN"
    )


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_and_notes_are_shown_and_do_nothing(firing: Night, words: str) -> None:
    incident, said = opened(firing, title=words)
    incidents.note(firing.services, invocation=asked(firing), text=words, about=incident, said_there=False)
    said += firing.said()
    incidents.resolve(firing.services, actor=ANA, incident=incident, text=words)
    said += firing.said()
    for one in of(said, incident):
        made = blocks(one.message, version="v")
        assert not re.search(r"\u202e|\x1b|'type': '(user|link|broadcast)'", str(made))
        for formatted in [text(one.message), *mrkdwn(made)]:
            assert not re.search(r"<(?!!date)", formatted), formatted
    incidents.timeline_of(incident, firing.services)
    assert "\u202e" not in incidents.report(incident, firing.services).content


def test_a_long_timeline_shows_its_ends_and_brings_the_rest_as_a_file(firing: Night) -> None:
    incident, _ = opened(firing)
    for number in range(60):
        firing.clock.at += timedelta(seconds=1)
        incidents.note(
            firing.services,
            invocation=asked(firing, number=number),
            text=f"note {number}",
            about=incident,
            said_there=True,
        )
    message = incidents.timeline_of(incident, firing.services)
    lines = shown(message).splitlines()
    assert "INC-1 (open): shop on web1 does not answer. 63 entries." in lines
    assert any("43 more, all in the file" in one for one in lines)
    assert lines[-1].endswith("@ana: note 59")
    assert message.attachment is not None
    assert message.attachment.name == "timeline-INC-1.txt"
    assert all(f"note {number}\n" in message.attachment.content for number in range(60))


def test_the_list_shows_the_open_ones_first(firing: Night) -> None:
    assert "There is no incident" in incidents.listed(firing.services).text
    incident, _ = opened(firing)
    incidents.resolve(firing.services, actor=ANA, incident=incident)
    incidents.open_incident(firing.services, actor=ANA, title="second", another=True)
    firing.clock.at += timedelta(minutes=3)
    lines = shown(incidents.listed(firing.services)).splitlines()
    assert lines[1] == "1 incident open"
    assert lines[2].startswith("INC-2 second, open since")
    assert lines[3].startswith("INC-1 shop on web1 does not answer, resolved by ana after")


# --- races and kills


def test_an_incident_that_cannot_be_committed_leaves_nothing_behind(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    services = replace(firing.services, store=Racing(firing.store, 10_000))  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        incidents.open_incident(services, actor=ANA, alert=alert)
    assert firing.store.incidents() == []
    assert firing.store.alerts() == [alert]
    assert firing.said() == []
    assert firing.store.audit() == []


def test_people_who_open_at_once_for_one_alert_get_one_incident(any_store: Store) -> None:
    bot = night(any_store, inspect=InspectPolicy(auto=False))
    bot.fire()
    (alert,) = bot.store.alerts()
    people, answers = 8, list[str]()
    start = Barrier(people)

    def press(number: int) -> None:
        start.wait()
        actor = replace(ANA, id=f"U{number}", name=f"p{number}")
        for_alert = alert if number % 2 else None
        answers.append(incidents.open_incident(bot.services, actor=actor, alert=for_alert).text)

    threads = [Thread(target=press, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (incident,) = any_store.incidents()
    assert incident.alerts == (alert.id,)
    assert sorted("already" in one for one in answers) == [False, *[True] * (people - 1)]
    roots = [one for one in bot.said() if one.subject == incident.subject and one.operation is Operation.POST]
    assert len(roots) == 1


def test_notes_and_rounds_at_once_lose_nothing(any_store: Store) -> None:
    bot = night(any_store, inspect=InspectPolicy(auto=False))
    bot.fire()
    incidents.open_incident(bot.services, actor=ANA)
    (incident,) = any_store.incidents()
    writers, each = 4, 5
    failed: list[Exception] = []

    def write(who: int) -> None:
        try:
            for number in range(each):
                said = replace(asked(bot), id=f"t{who}.{number}")
                incidents.note(
                    bot.services, invocation=said, text=f"{who}.{number}", about=incident, said_there=True
                )
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=write, args=(who,)) for who in range(writers)]
    for thread in threads:
        thread.start()
    respond.acknowledge(bot.services, actor=BEN, alert=any_store.alerts()[0])
    for thread in threads:
        thread.join(60)
    assert failed == []
    after = any_store.incident(incident.id)
    assert after is not None
    kinds = [one.event.kind for one in timeline.read(after, bot.services)]
    assert kinds.count(EventKind.NOTED) == writers * each
    last = card(bot.said(), incident)
    assert "acknowledged by ben" in shown(last)
