"""A restart from the wish to its end, with a real service: evidence, a question, one yes, the command, and whether it lasts."""

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.messages import Buttons, CodeBlock, Operation
from bot.domain.settings import AccessPolicy, EvidenceAudience
from bot.domain.timeline import EventKind
from tests.flows.remediate.stage import ANA, BEN, EVE, SHOP, Stage, shown, title


def kinds(bot: Stage) -> list[str]:
    since = bot.action.asked.at
    return [event.kind.value for event in bot.store.events(since=since, targets=[SHOP])]


def outcomes(bot: Stage) -> list[str]:
    rows = [entry for entry in bot.store.audit() if entry.verb == "restart"]
    return [entry.outcome for entry in reversed(rows)]


def test_a_hung_service_is_restarted_once_and_watched_until_it_held(bot: Stage) -> None:
    bot.victim.hang()
    before = bot.victim.pid
    reply = bot.type("restart web1 shop")
    assert "storing the stacks first" in shown(reply)
    asked = bot.work()
    assert asked.status is ActionStatus.PROPOSED
    assert bot.store.inspection(asked.inspection) is not None
    (question,) = bot.said()
    assert question.operation is Operation.POST
    assert title(question) == "Restart shop on web1?"
    buttons = next(one for one in question.message.sections if isinstance(one, Buttons)).buttons
    assert [(one.action, one.value) for one in buttons] == [("confirm", asked.id), ("cancel", asked.id)]  # type: ignore[union-attr]
    assert bot.victim.runs == 0

    bot.victim.unhang()
    assert bot.press("confirm", asked.id, BEN).message is None
    watched = bot.work()
    assert watched.status is ActionStatus.WATCHED
    assert watched.before is not None
    assert watched.after is not None
    assert watched.before.pid == before
    assert watched.after.pid == bot.victim.pid != before
    assert watched.down_s is not None
    told = bot.said()
    assert {one.operation for one in told} == {Operation.EDIT}
    assert title(told[-1]) == "shop on web1 answers again, watching it for 5 min"

    held = bot.work(until=(), faster=200)
    assert held.status is ActionStatus.HELD
    assert [one.operation for one in bot.said()] == [Operation.EDIT]
    assert bot.victim.runs == 1
    assert kinds(bot) == ["act_asked", "act_approved", "act_done", "act_verified", "act_held"]
    assert outcomes(bot) == ["asked", "approved", "begins", "exit 0", "verified", "held"]


def test_what_a_reader_needs_stands_in_the_events(bot: Stage) -> None:
    bot.confirmed()
    bot.work()
    events = {one.kind: one for one in bot.store.events(since=bot.action.asked.at, targets=[SHOP])}
    done, verified = events[EventKind.ACT_DONE], events[EventKind.ACT_VERIFIED]
    assert str(bot.victim.folder / "restart.py") in str(done.facts["command"])
    assert done.facts["exit"] == 0
    assert done.facts["seconds"] is not None
    assert verified.facts["after_pid"] == bot.victim.pid
    assert verified.facts["down_s"] == bot.action.down_s
    assert events[EventKind.ACT_APPROVED].by == ANA.id
    bot.victim.hang()
    bot.work(until=())
    events = {one.kind: one for one in bot.store.events(since=bot.action.asked.at, targets=[SHOP])}
    relapsed = events[EventKind.ACT_RELAPSED]
    assert relapsed.facts["lasted_s"] is not None
    assert relapsed.facts["again"] == bot.action.again


def test_a_relapse_is_told_as_a_reply_with_how_long_it_lasted(bot: Stage) -> None:
    bot.confirmed()
    bot.work()
    bot.said()
    bot.victim.hang()
    fallen = bot.work(until=())
    assert fallen.status is ActionStatus.RELAPSED
    told = bot.said()
    assert [one.operation for one in told] == [Operation.EDIT, Operation.REPLY]
    assert told[1].message.text.startswith("It lasted ")
    assert bot.victim.runs == 1


def test_a_service_that_is_still_silent_is_told_with_where_it_is_stuck(bot: Stage) -> None:
    bot.victim.next(mode="hung")
    bot.confirmed()
    end = bot.work()
    assert end.status is ActionStatus.NOT_VERIFIED
    told = bot.said()
    assert title(told[-2]) == "shop on web1: restarted, and still silent"
    assert told[-1].operation is Operation.REPLY
    assert "Not again before someone looks" in told[-1].message.text
    assert bot.victim.runs == 1


def test_a_service_that_answers_and_dies_is_restarted_then_died(bot: Stage) -> None:
    bot.victim.next(mode="dies")
    bot.confirmed()
    end = bot.work()
    assert end.status is ActionStatus.NOT_VERIFIED
    assert end.reason is not None
    assert end.reason.code == "died"
    assert title(bot.said()[-2]) == "shop on web1: restarted, then died"


def test_a_service_that_does_not_even_start_is_told_soon(bot: Stage) -> None:
    bot.victim.next(mode="none")
    bot.confirmed()
    end = bot.work()
    assert end.status is ActionStatus.NOT_VERIFIED
    assert end.reason is not None
    assert end.reason.code == "gone"


def test_a_command_that_fails_is_not_done_and_its_last_words_are_shown_without_secrets(bot: Stage) -> None:
    bot.victim.next(order="fail")
    before = bot.victim.pid
    bot.confirmed()
    end = bot.work()
    assert (end.status, end.exit) == (ActionStatus.NOT_DONE, 3)
    assert "no such service here" in end.output
    assert "hunter2secret" not in end.output
    assert bot.victim.pid == before
    assert bot.victim.runs == 1


def test_a_command_that_says_done_while_the_same_process_runs_is_not_believed(bot: Stage) -> None:
    bot.victim.next(order="nothing")
    bot.confirmed()
    end = bot.work(faster=20)
    assert end.status is ActionStatus.NOT_VERIFIED
    assert end.reason is not None
    assert end.reason.code == "same_process"


def test_eve_may_neither_ask_nor_say_yes_nor_cancel(bot: Stage) -> None:
    assert "You may look, but not restart" in shown(bot.type("restart web1 shop", EVE))
    assert bot.store.actions() == []
    action = bot.asked()
    for verb in ("confirm", "cancel"):
        reply = bot.press(verb, action.id, EVE)
        assert reply.refused
        assert "You may look, but not restart shop on web1" in shown(reply)
    assert bot.action == action
    assert bot.victim.runs == 0
    assert [one.outcome for one in bot.store.audit() if one.actor == EVE.id] == [
        "refused: not_an_operator"
    ] * 3


@pytest.mark.parametrize("forged", ["act_forged", "act_", "rm", "alr_1", "act_0001;reboot"])
def test_a_forged_question_is_unknown_and_nothing_runs(bot: Stage, forged: str) -> None:
    action = bot.asked()
    reply = bot.press("confirm", forged)
    assert reply.refused
    assert bot.action == action
    assert any(entry.outcome == "unknown" for entry in bot.store.audit())


@pytest.mark.parametrize("audience", list(EvidenceAudience))
def test_what_the_host_itself_said_is_shown_as_the_config_allows(
    bot: Stage, audience: EvidenceAudience
) -> None:
    bot = bot.with_settings(access=AccessPolicy(operators=(ANA.id,), evidence=audience))
    bot.victim.next(order="fail")
    bot.confirmed()
    bot.work()
    shown = any(isinstance(part, CodeBlock) for one in bot.said() for part in one.message.sections)
    assert shown is (audience is EvidenceAudience.CHANNEL)


def test_the_question_says_how_long_it_took_before(bot: Stage) -> None:
    for _ in range(2):
        bot.confirmed()
        bot.work()
        bot.work(until=(), faster=200)
        bot.clock.go_on(1900)
    bot.said()
    asked = bot.asked()
    assert len(asked.usual_s) == 2
    first, second = (f"{max(1.0, seconds):.0f}" for seconds in asked.usual_s)
    equal = f"; it took {first} s the last two times."
    said = equal if first == second else f"; it took {first} and {second} s the last times."
    assert said in bot.texts()[-1]
