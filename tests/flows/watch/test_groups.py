"""Many hosts in the same trouble at once are one message that follows them; what else happens is told at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import AlertStatus, Culprit, Severity, Worth
from bot.domain.errors import BadArgument, ChatClosed, UnknownName
from bot.domain.invocations import Invocation
from bot.domain.messages import Buttons, Message, Operation, Paragraph, Posted, flat
from bot.domain.observations import ProbeOutcome
from bot.domain.precision import precisions
from bot.domain.routes import PagePath, Paging, Route, Step
from bot.domain.rule import Telling
from bot.domain.rules import RuleOverride
from bot.flows import escalation, groups
from bot.flows.deliver import deliver_due
from bot.flows.respond import Scope, acknowledge, acknowledge_group, judge_worth_of_group, silence
from bot.flows.watch import judge_rounds
from bot.ports import Store
from handlers import worth as worth_handler
from tests.clocks import QuietTelemetry
from tests.flows.watch.night import (
    ANA,
    BEN,
    START,
    NoChat,
)
from tests.flows.watch.storm import ANSWERING, OK, UNREACHABLE, Storm, eu
from tests.flows.watch.test_people import Taken


@pytest.fixture
def storm(store: Store) -> Storm:
    return Storm(store, 40)


def test_half_the_fleet_gone_is_one_message_that_names_them_all_and_what_they_share(storm: Storm) -> None:
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    said = storm.said()
    (post,) = [one for one in said if one.operation is Operation.POST]
    text = said[-1].message.text
    assert text.startswith(
        "WARNING 20 hosts out of sight since 03:58, all in zone eu, where there is no other: web0, web1, "
    )
    assert all(
        name in text.replace(".", ",").split() or f"{name}," in text or f"{name}." in text
        for name in eu(storm)
    )
    assert "@" not in text, "a warning calls nobody"
    meta = post.message.metadata
    assert meta is not None
    assert meta.event_type == "hangbot_alert"
    assert meta.payload["status"] == "firing"
    assert len(meta.payload["members"]) == 20
    ids = {one.id for one in storm.store.alerts(unresolved=True)}
    assert set(meta.payload["members"]) == ids
    assert meta.payload["id"].startswith("grp_")


def test_five_hundred_hosts_are_one_message_and_nothing_is_lost(store: Store) -> None:
    storm = Storm(store, 500, rules=[RuleOverride(name="host_unreachable", for_s=20.0)])
    everyone = list(storm.hosts)
    storm.rounds(4, everyone, outcome=UNREACHABLE)
    said = storm.said()
    assert [one.operation for one in said if one.operation is not Operation.EDIT] == [Operation.POST]
    storm.rounds(4, everyone, outcome=UNREACHABLE)
    last = [*said, *storm.said()][-1].message
    assert last.text.startswith("WARNING 500 hosts out of sight")
    assert all(f"{name}," in last.text or f"{name}." in last.text for name in everyone)
    assert len(storm.store.alerts(unresolved=True)) == 500
    assert last.metadata is not None
    assert last.metadata.payload["count"] == 500


def test_four_hosts_are_four_messages(storm: Storm) -> None:
    storm.rounds(30, ["web1", "web2", "web3", "web4"], outcome=UNREACHABLE)
    assert len(storm.posts()) == 4


def test_an_unrelated_critical_is_a_message_of_its_own_at_once(storm: Storm) -> None:
    storm.rounds(25, eu(storm), outcome=UNREACHABLE)
    storm.said()
    storm.rounds(5, eu(storm), outcome=UNREACHABLE, silent=["web39"])
    (post,) = storm.posts()
    assert post.message.text == "CRITICAL shop on web39 silent since 04:02. @U0ANA"
    assert post.priority == 1


def test_another_route_is_another_group(storm: Storm) -> None:
    storm.services.settings = replace(
        storm.services.settings, routes=(Route(match={"zone": "eu"}, channel="#eu"),)
    )
    storm.rounds(30, list(storm.hosts), outcome=UNREACHABLE)
    assert sorted(one.channel for one in storm.posts()) == ["#eu", "#ops"]


def test_its_edits_are_ten_seconds_apart_and_say_only_what_is_new(storm: Storm) -> None:
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    storm.said()
    for n in range(20):
        storm.round(eu(storm)[n % 2 :], outcome=UNREACHABLE, after_s=1.0)
        assert len(storm.said()) <= 1
    edits = 0
    for n in range(30):
        storm.round(eu(storm)[n % 2 :], outcome=UNREACHABLE, after_s=1.0)
        edits += len(storm.said())
    assert edits <= 5
    storm.rounds(10, eu(storm), outcome=UNREACHABLE)
    storm.said()
    storm.rounds(10, eu(storm), outcome=UNREACHABLE)
    assert storm.said() == []


def test_once_it_is_over_it_is_asked_whether_it_was_worth_it_and_the_answer_counts_once(storm: Storm) -> None:
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    (post,) = storm.posts()
    (group,) = storm.store.groups()
    with pytest.raises(BadArgument, match="alert_stands"):
        judge_worth_of_group(storm.services, actor=ANA, group=group, worth=Worth.NOISE)
    storm.rounds(30)
    storm.said()
    for worth, left in ((Worth.REAL, ["review", "noise"]), (Worth.NOISE, ["review", "real"])):
        answer = judge_worth_of_group(storm.services, actor=ANA, group=group, worth=worth)
        assert answer.text.startswith(f"Noted: host_unreachable of 20 was {worth}.")
        (edit,) = storm.said()
        assert (edit.operation, edit.subject) == (Operation.EDIT, post.subject)
        assert f"ana says it was {worth}" in str(edit.message.sections)
        assert [
            one.action
            for section in edit.message.sections
            if isinstance(section, Buttons)
            for one in section.buttons
        ] == left
    (found,) = precisions(storm.store.alerts())
    assert (found.told, found.noise, found.real) == (1, 1, 0)
    assert storm.store.audit()[0].verb == "noise"


def spoken(verb: str, *args: str) -> Invocation:
    return Invocation(id="inv_1", verb=verb, args=args, actor=ANA, at=START)


def test_without_a_name_it_is_the_group_that_was_over_last(storm: Storm) -> None:
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    storm.rounds(30)
    said = worth_handler.handle(spoken("noise"), storm.services)
    assert said.message is not None
    assert said.message.text.startswith("Noted: host_unreachable of 20 was noise.")
    with pytest.raises(UnknownName):
        worth_handler.handle(spoken("real", "grp_ghost"), storm.services)


def test_its_end_is_one_edit_and_one_reply_and_a_relapse_is_told_in_its_thread(storm: Storm) -> None:
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    (post,) = storm.posts()
    storm.rounds(30)
    *edits, reply = storm.said()
    assert {one.operation for one in edits} == {Operation.EDIT}
    assert {one.subject for one in (*edits, reply)} == {post.subject}
    assert edits[-1].message.text.startswith("RESOLVED 20 hosts can be seen again: web0, ")
    assert edits[-1].message.metadata is not None
    assert edits[-1].message.metadata.payload["status"] == "resolved"
    assert reply.operation is Operation.REPLY
    assert reply.message.text == "All 20 are over: can be seen again. It began at 03:58."
    storm.rounds(25, eu(storm)[:6], outcome=UNREACHABLE)
    again = storm.said()
    assert {one.subject for one in again} == {post.subject}
    assert "6 of 20 are out of sight again." in [one.message.text for one in again]


def test_after_it_is_long_over_it_is_closed_and_what_comes_then_is_new(storm: Storm) -> None:
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    (first,) = storm.posts()
    storm.rounds(120)
    assert storm.store.groups() == []
    storm.said()
    storm.rounds(30, eu(storm), outcome=UNREACHABLE)
    (second,) = storm.posts()
    assert second.subject != first.subject


def test_who_acknowledges_the_message_looks_after_all_of_it(storm: Storm) -> None:
    storm.rounds(20, silent=eu(storm))
    (post,) = storm.posts()
    (group,) = storm.store.groups()
    assert post.message.text.endswith("@U0ANA")
    answer = acknowledge_group(storm.services, actor=ANA, group=group)
    assert "looks after all 20" in answer.text
    storm.round(silent=eu(storm))
    (edit,) = storm.said()
    assert edit.message.metadata is not None
    assert edit.message.metadata.payload["status"] == "acknowledged"
    assert edit.message.text.endswith("Acknowledged by ana.")
    storm.rounds(10)
    storm.said()
    with pytest.raises(BadArgument):
        acknowledge_group(storm.services, actor=ANA, group=group)


def test_what_somebody_else_looks_after_stays_theirs(storm: Storm) -> None:
    storm.rounds(20, silent=eu(storm))
    (group,) = storm.store.groups()
    one = storm.store.alerts(host="web0", unresolved=True)[0]
    acknowledge(storm.services, actor=BEN, alert=one)
    acknowledge_group(storm.services, actor=ANA, group=group)
    by = {alert.acknowledged.by for alert in storm.store.alerts(unresolved=True) if alert.acknowledged}
    assert by == {"U0ANA", "U0BEN"}


def test_a_silenced_member_is_not_told_and_joins_when_the_silence_is_over(storm: Storm) -> None:
    silence(storm.services, actor=ANA, scope=Scope(host="web0"), seconds=300)
    storm.said()
    storm.rounds(20, silent=eu(storm))
    text = storm.said()[-1].message.text
    assert "shop on 19 hosts" in text
    storm.rounds(20, silent=eu(storm))
    assert "shop on 20 hosts" in storm.said()[-1].message.text


def test_a_silence_of_all_of_it_stands_on_the_message(storm: Storm) -> None:
    storm.rounds(20, silent=eu(storm))
    storm.said()
    silence(storm.services, actor=ANA, scope=Scope(service="shop"), seconds=300)
    storm.round(silent=eu(storm))
    (edit,) = [one for one in storm.said() if one.subject.startswith("group:")]
    assert "silenced by" in str(edit.message.sections)


def test_a_group_is_paged_once_and_escalated_once(storm: Storm) -> None:
    storm.services.settings = replace(
        storm.services.settings,
        paging=Paging(webhook="https://example.org/hook"),
        escalate=(Step(after_s=600, to="oncall"),),
    )
    webhook = Taken()
    storm.services.pagers = {PagePath.WEBHOOK: webhook}
    storm.rounds(20, silent=eu(storm))
    storm.said()
    deliver_due(storm.services, worker="w", paging=True)
    assert [event for event, _ in webhook.events] == ["trigger"]
    assert webhook.messages[0].text.startswith("CRITICAL shop on ")
    storm.clock.at += timedelta(seconds=600)
    done = 0
    while job := storm.store.claim_job(now=storm.clock.now(), worker="w", lease_s=60, lane="escalate:"):
        escalation.run_job(job, storm.services)
        done += 1
    assert done == 2, "one look whether ana is awake, one step"
    (reply,) = storm.said()
    assert reply.subject.startswith("group:")
    storm.rounds(10)
    while deliver_due(storm.services, worker="w", paging=True):
        pass
    assert [event for event, _ in webhook.events] == ["trigger", "resolve"]


def test_a_group_that_nobody_comes_for_is_paged_as_one_and_its_end_ends_that(storm: Storm) -> None:
    storm.services.settings = replace(
        storm.services.settings,
        paging=Paging(webhook="https://example.org/hook"),
        notify=dict.fromkeys(Severity, (Telling.MENTION,)),
        escalate=(Step(after_s=60, to="page"),),
    )
    webhook = Taken()
    storm.services.pagers = {PagePath.WEBHOOK: webhook}
    storm.rounds(20, silent=eu(storm))
    storm.said()
    while job := storm.store.claim_job(now=storm.clock.now(), worker="w", lease_s=60, lane="escalate:"):
        escalation.run_job(job, storm.services)
    storm.said()
    (group,) = storm.store.groups()
    assert group.paged
    acknowledge(storm.services, actor=ANA, alert=storm.store.alerts(host="web0", unresolved=True)[0])
    storm.rounds(10)
    storm.said()
    while deliver_due(storm.services, worker="w", paging=True):
        pass
    assert webhook.events == [("trigger", group.id), ("resolve", group.id)]
    assert storm.store.pending_notifications() == 0, "nothing waits for a page that never was"


def test_a_kill_between_the_transition_and_the_message_loses_nothing(storm: Storm) -> None:
    """The members are stored with their group; its message is said by whoever looks next."""
    storm.clock.at += timedelta(seconds=10)
    for _ in range(30):
        storm.clock.at += timedelta(seconds=10)
        judge_rounds(
            [
                storm.observation(name, UNREACHABLE if name in eu(storm) else OK, ANSWERING)
                for name in storm.hosts
            ],
            storm.services,
        )
    assert storm.posts() == []
    groups.refresh(storm.services)
    groups.refresh(storm.services)
    assert len(storm.posts()) == 1


def test_one_that_gets_worse_leaves_its_group_and_is_told_alone(store: Store) -> None:
    storm = Storm(store, 10)
    storm.rounds(30, list(storm.hosts), outcome=UNREACHABLE)
    storm.said()
    storm.clock.at += timedelta(seconds=10)
    changed = storm.observation("web3", ProbeOutcome.HOST_KEY_CHANGED, ANSWERING)
    judge_rounds([changed], storm.services)
    (post,) = storm.posts()
    assert post.message.text.startswith("CRITICAL web3 ")
    (alert,) = [one for one in store.alerts(host="web3") if one.rule == "host_unreachable"]
    assert (alert.group, alert.status) == ("", AlertStatus.FIRING)


def test_what_was_found_on_one_of_them_stands_on_the_message(storm: Storm) -> None:
    storm.rounds(20, silent=eu(storm))
    storm.said()
    first = storm.store.alerts(host="web0", unresolved=True)[0]
    culprit = Culprit(
        inspection="ins_1",
        verdict="hung",
        cause="busy_loop",
        confidence=0.9,
        function="total",
        file="/srv/shop/cart.py",
        line=42,
    )
    others = storm.store.alerts(host="web7", unresolved=True)[0]
    storm.store.commit(
        alerts=[
            replace(first, culprit=culprit),
            replace(others, looked_at=("shop on web0", "shop on web39")),
        ]
    )
    storm.clock.at += timedelta(seconds=60)
    groups.refresh(storm.services)
    (edit,) = storm.said()
    shown = "\n".join(
        f"{one.label}: {flat(one.line)}"
        for one in edit.message.sections
        if isinstance(one, Paragraph) and one.label
    )
    assert "Stuck in: total, cart.py line 42: " in shown
    assert "(on web0)" in shown
    assert "Looked at: I looked at shop on web0, shop on web39; this thread tells." in shown


class ClosedChat(NoChat):
    """A chat that takes nothing from us any more."""

    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        raise ChatClosed("token_revoked")


def test_a_group_that_the_chat_does_not_take_is_paged_as_one_and_so_is_its_end(storm: Storm) -> None:
    storm.services.settings = replace(
        storm.services.settings,
        paging=Paging(webhook="https://example.org/hook"),
        notify=dict.fromkeys(Severity, (Telling.MENTION,)),
    )
    webhook = Taken()
    storm.services.pagers, storm.services.chat = {PagePath.WEBHOOK: webhook}, ClosedChat()
    storm.services.telemetry = QuietTelemetry()
    storm.rounds(20, silent=eu(storm))
    for _ in range(3):
        deliver_due(storm.services, worker="w")
        deliver_due(storm.services, worker="w", paging=True)
        storm.clock.at += timedelta(minutes=1)
    assert [event for event, _ in webhook.events] == ["trigger"]
    (page,) = webhook.messages
    assert page.text.startswith("CRITICAL shop on 20 hosts silent")
    assert "token_revoked" in str(page.sections[0])
    storm.rounds(10)
    while deliver_due(storm.services, worker="w", paging=True):
        pass
    assert [event for event, _ in webhook.events] == ["trigger", "resolve"]
    (group,) = {key for _, key in webhook.events}
    assert group.startswith("grp_")
