"""Whom an alert calls: its team's channel, those who are paged, and who comes when nobody comes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.alerts import Severity
from bot.domain.jobs import JobKind
from bot.domain.messages import Message, Notification, Operation
from bot.domain.observations import ServiceState
from bot.domain.reviews import Person
from bot.domain.routes import OnCall, PageEvent, PagePath, Paging, Route, Step
from bot.domain.rules import Telling
from bot.domain.settings import InspectPolicy
from bot.flows import escalation
from bot.flows.deliver import deliver_due
from bot.flows.respond import Scope, acknowledge, silence
from bot.ports import Store
from tests.flows.review.planning import KnownPeople
from tests.flows.watch.night import ANA, BEN, Night, night

SILENT = ServiceState.SILENT
PAGED = Paging(pagerduty=True, webhook="https://example.org/hook")
PEOPLE = {
    "U0ANA": Person(id="U0ANA", name="ana"),
    "U0BEN": Person(id="U0BEN", name="ben"),
    "U0MEI": Person(id="U0MEI", name="mei"),
}


class Taken:
    """A way to page that takes everything, or raises what it is given."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.messages: list[Message] = []
        self.error: Exception | None = None

    def page(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> None:
        if self.error:
            raise self.error
        del outbox
        self.events.append((event.value, key))
        self.messages.append(message)


def with_settings(played: Night, **changes: Any) -> Night:
    played.services.settings = replace(played.services.settings, **changes)
    return played


@pytest.fixture
def plain(store: Store) -> Night:
    return night(store, inspect=InspectPolicy(auto=False))


def pagers(played: Night) -> Mapping[PagePath, Taken]:
    taken = {PagePath.PAGERDUTY: Taken(), PagePath.WEBHOOK: Taken()}
    played.services.pagers = taken
    return taken


def page(played: Night) -> int:
    return deliver_due(played.services, worker="w", paging=True)


def looks(played: Night, after_s: float = 0.0) -> list[str]:
    """Do the looks that are due; return what each was about."""
    played.clock.at += timedelta(seconds=after_s)
    found = []
    while job := played.store.claim_job(now=played.clock.now(), worker="w", lease_s=60, lane="escalate:"):
        assert job.kind is JobKind.ESCALATE
        escalation.run_job(job, played.services)
        found.append(str(job.payload["to"]))
    return found


def texts(rows: list[Notification]) -> list[str]:
    return [one.message.text for one in rows]


# --- routes


def test_an_alert_goes_to_its_teams_channel_and_calls_its_team(plain: Night) -> None:
    played = with_settings(
        plain,
        routes=(Route(match={"service": "shop"}, channel="#pay-ops", oncall="pay"),),
        teams={"default": OnCall(users=("U0ANA",)), "pay": OnCall(users=("U0BEN",), usergroup="S0614TZR7")},
    )
    played.fire()
    (post,) = played.said()
    assert post.channel == "#pay-ops"
    assert post.message.text.endswith("@U0BEN @S0614TZR7")


def test_how_a_severity_is_told_is_the_configs_to_say(plain: Night) -> None:
    played = with_settings(plain, notify=dict.fromkeys(Severity, (Telling.STATUS,)), paging=PAGED)
    pagers(played)
    played.fire()
    assert played.said() == []
    assert page(played) == 0


# --- paging


def test_a_critical_alert_pages_at_once_and_its_end_ends_it(plain: Night) -> None:
    played = with_settings(plain, paging=PAGED)
    taken = pagers(played)
    played.fire()
    (post,) = played.said()
    alert_id = post.subject.removeprefix("alert:")
    page(played)
    for one in taken.values():
        assert one.events == [("trigger", alert_id)]
        assert one.messages[0].text == "CRITICAL shop on web1 silent since 03:58, unit active."
    for _ in range(20):
        played.round(SILENT)
    assert page(played) == 0, "told once"
    played.calm()
    page(played)
    assert taken[PagePath.WEBHOOK].events == [("trigger", alert_id), ("resolve", alert_id)]


def test_who_acknowledges_here_acknowledges_there(plain: Night) -> None:
    played = with_settings(plain, paging=PAGED)
    taken = pagers(played)
    played.fire()
    (alert,) = played.store.alerts(unresolved=True)
    assert alert.paged
    acknowledge(played.services, actor=ANA, alert=alert)
    while page(played):
        pass
    assert taken[PagePath.PAGERDUTY].events == [("trigger", alert.id), ("acknowledge", alert.id)]
    assert "Acknowledged by ana" in taken[PagePath.PAGERDUTY].messages[-1].text


def test_a_page_that_never_went_out_is_followed_by_the_end_alone_once(plain: Night) -> None:
    played = with_settings(plain, paging=Paging(webhook="https://example.org/hook"))
    taken = pagers(played)
    played.fire()
    (alert,) = played.store.alerts(unresolved=True)
    acknowledge(played.services, actor=ANA, alert=alert)
    played.calm()
    while page(played):
        pass
    assert taken[PagePath.WEBHOOK].events == [("trigger", alert.id), ("resolve", alert.id)]


def test_a_silence_holds_a_page_back_and_its_end_pages(plain: Night) -> None:
    played = with_settings(plain, paging=PAGED)
    taken = pagers(played)
    silence(played.services, actor=ANA, scope=Scope(host="web1"), seconds=120)
    played.fire()
    assert page(played) == 0
    for _ in range(12):
        played.round(SILENT)
    page(played)
    assert [event for event, _ in taken[PagePath.PAGERDUTY].events] == ["trigger"]


def test_a_warning_pages_nobody_and_a_bot_without_paths_marks_nothing(plain: Night) -> None:
    pagers(plain)
    plain.fire()
    assert page(plain) == 0
    assert not plain.store.alerts(unresolved=True)[0].paged


# --- nobody comes


STEPS = (Step(after_s=600, to="oncall"), Step(after_s=1200, to="S0614TZR7"), Step(after_s=1800, to="page"))


def test_nobody_comes_so_others_are_called_step_by_step(plain: Night) -> None:
    played = with_settings(plain, escalate=STEPS, paging=PAGED)
    taken = pagers(played)
    played.fire()
    played.said()
    page(played)
    assert looks(played) == ["awake"]
    assert looks(played, after_s=599) == []
    assert looks(played, after_s=1) == ["oncall"]
    assert looks(played, after_s=600) == ["S0614TZR7"]
    assert looks(played, after_s=600) == ["page"]
    first, second, third = texts(played.said())
    assert first == "Nobody has acknowledged for 10 min. shop on web1 is silent, since 03:58. @U0ANA"
    assert second == "Nobody has acknowledged for 20 min. shop on web1 is silent, since 03:58. @S0614TZR7"
    assert third == "Nobody has acknowledged for 30 min. shop on web1 is silent, since 03:58. Paged."
    page(played)
    assert [event for event, _ in taken[PagePath.PAGERDUTY].events] == ["trigger", "trigger"]
    (alert,) = played.store.alerts(unresolved=True)
    happened = played.store.events(since=played.clock.at - timedelta(days=1), targets=[alert.target])
    kinds = [event.kind.value for event in happened]
    assert kinds.count("escalated") == 3


@pytest.mark.parametrize("how", ["acknowledged", "silenced", "over"])
def test_nobody_else_is_called_once_somebody_has_come(plain: Night, how: str) -> None:
    played = with_settings(plain, escalate=STEPS)
    played.fire()
    (alert,) = played.store.alerts(unresolved=True)
    if how == "acknowledged":
        acknowledge(played.services, actor=BEN, alert=alert)
    elif how == "silenced":
        silence(played.services, actor=BEN, scope=Scope(host="web1"), seconds=7200)
    else:
        played.calm()
    played.said()
    assert looks(played, after_s=3600) == ["awake", "oncall", "S0614TZR7", "page"]
    assert played.said() == []


def test_those_who_are_not_disturbed_by_the_chat_are_paged_and_it_says_so(plain: Night) -> None:
    played = with_settings(plain, paging=PAGED, notify=dict.fromkeys(Severity, (Telling.MENTION,)))
    taken = pagers(played)
    until = datetime.fromisoformat("2026-11-24T08:00:00+01:00")
    played.services.people = KnownPeople(PEOPLE, resting={"U0ANA": until})
    played.fire()
    played.said()
    assert page(played) == 0
    looks(played)
    assert texts(played.said()) == ["@ana is in Do Not Disturb until 08:00: paged."]
    page(played)
    assert [event for event, _ in taken[PagePath.WEBHOOK].events] == ["trigger"]
    assert played.store.alerts(unresolved=True)[0].paged


def test_one_of_them_awake_is_enough(plain: Night) -> None:
    played = with_settings(plain, teams={"default": OnCall(users=("U0ANA",), usergroup="S0614TZR7")})
    until = datetime.fromisoformat("2026-11-24T08:00:00+01:00")
    played.services.people = KnownPeople(PEOPLE, resting={"U0ANA": until, "U0BEN": until})
    played.fire()
    played.said()
    looks(played)
    assert played.said() == [], "mei is awake"
    played.services.people = KnownPeople(PEOPLE, resting=dict.fromkeys(PEOPLE, until))
    played.calm()
    played.fire()
    played.said()
    looks(played)
    (said,) = texts(played.said())
    assert said.startswith("@ana is in Do Not Disturb until 08:00, @ben")
    assert said.endswith("nobody else is told, since the config has no way to page.")


def test_a_reply_of_an_escalation_goes_where_the_alert_stands(plain: Night) -> None:
    played = with_settings(plain, escalate=STEPS[:1])
    played.fire()
    (post,) = played.said()
    looks(played, after_s=600)
    (reply,) = played.said()
    assert (reply.operation, reply.subject) == (Operation.REPLY, post.subject)
