"""What was asked for and must not be done any more: expired, cancelled, another config, no operator, a bot started anew."""

from dataclasses import replace

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.clues import clue
from bot.domain.messages import Buttons, Operation
from bot.domain.settings import AccessPolicy
from bot.flows import remediate, verify
from tests.flows.remediate.stage import ANA, BEN, LOCAL, Stage, shown, title

NO_MORE = AccessPolicy(operators=(ANA.id,))


def has_buttons(bot: Stage) -> bool:
    last = bot.said()[-1]
    assert last.operation is Operation.EDIT
    return any(isinstance(section, Buttons) for section in last.message.sections)


def test_an_expired_question_is_edited_by_itself_and_a_click_on_it_is_told_to_ask_again(bot: Stage) -> None:
    action = bot.asked()
    bot.clock.go_on(121)
    assert bot.step()
    assert bot.action.status is ActionStatus.EXPIRED
    assert not has_buttons(bot)
    reply = bot.press("confirm", action.id)
    assert reply.refused
    assert "expired" in shown(reply)
    assert "/hang restart web1 shop" in shown(reply)
    assert bot.said() == []
    assert bot.victim.runs == 0


def test_a_click_that_comes_before_the_job_sees_the_expiry_finds_it_expired(bot: Stage) -> None:
    action = bot.asked()
    bot.clock.go_on(121)
    assert "expired" in shown(bot.press("confirm", action.id))
    assert bot.action.status is ActionStatus.EXPIRED
    assert not bot.step(), "nothing waits for it any more"


def test_a_cancelled_question_is_not_done_and_says_who_cancelled(bot: Stage) -> None:
    action = bot.asked()
    assert bot.press("cancel", action.id, BEN).message is None
    assert not has_buttons(bot)
    reply = bot.press("confirm", action.id)
    assert "ben cancelled it" in shown(reply)
    assert not bot.step()
    assert bot.victim.runs == 0


def test_a_double_click_counts_once(bot: Stage) -> None:
    action = bot.confirmed()
    again = bot.press("confirm", action.id)
    assert "quicker" in shown(again)
    assert bot.work().status is ActionStatus.WATCHED
    assert "quicker" in shown(bot.press("confirm", action.id, BEN))
    assert "quicker" in shown(bot.press("cancel", action.id, BEN))
    assert bot.victim.runs == 1


def test_who_asks_again_while_it_is_watched_is_asked_at_once_and_the_watch_is_over(bot: Stage) -> None:
    first = bot.confirmed()
    assert bot.work().status is ActionStatus.WATCHED
    bot.said()
    assert bot.type("/hang restart web1 shop now", BEN).refusal is None
    ended = bot.store.action(first.id)
    assert ended is not None
    assert ended.status is ActionStatus.HELD
    said = next(one for one in bot.said() if one.subject == first.subject)
    assert "ben asked for another one" in said.message.text
    assert "held for 5 min" not in said.message.text
    assert bot.step()
    assert bot.action.id != first.id
    assert bot.action.status is ActionStatus.PROPOSED
    bot.press("confirm", bot.action.id, BEN)
    assert bot.work().status is ActionStatus.WATCHED
    assert bot.victim.runs == 2


@pytest.mark.parametrize("when", ["before the yes", "after the yes"])
def test_another_config_voids_what_was_asked(bot: Stage, when: str) -> None:
    action = bot.asked() if when == "before the yes" else bot.confirmed()
    settings = bot.services.settings
    service = replace(settings.fleet.services["shop"], restart=("/bin/true",))
    changed = bot.with_settings(fleet=replace(settings.fleet, services={"shop": service}))
    if when == "before the yes":
        reply = changed.press("confirm", action.id)
        assert "ask again" in shown(reply).lower()
        assert changed.action.status is ActionStatus.CANCELLED
    else:
        assert changed.work().status is ActionStatus.NOT_DONE
    assert changed.action.reason is not None
    assert changed.action.reason.code == "config_changed"
    assert bot.victim.runs == 0


def test_a_service_that_the_config_no_longer_has_is_not_restarted(bot: Stage) -> None:
    bot.confirmed()
    settings = bot.services.settings
    host = replace(settings.fleet.hosts["web1"], services=())
    changed = bot.with_settings(fleet=replace(settings.fleet, hosts={"web1": host}))
    assert changed.work().status is ActionStatus.NOT_DONE
    assert bot.victim.runs == 0


def test_who_is_no_operator_any_more_when_it_runs_is_not_obeyed(bot: Stage) -> None:
    action = bot.asked()
    bot.press("confirm", action.id, BEN)
    end = bot.with_settings(access=NO_MORE).work()
    assert end.status is ActionStatus.NOT_DONE
    assert end.reason is not None
    assert (end.reason.code, end.reason.facts["name"]) == ("no_operator", "ben")
    assert bot.victim.runs == 0
    assert bot.store.audit()[0].outcome == "not done: no_operator"


def test_a_bot_that_was_away_too_long_does_not_do_it_any_more(bot: Stage) -> None:
    bot.confirmed()
    bot.clock.go_on(300)
    end = bot.work()
    assert end.status is ActionStatus.NOT_DONE
    assert end.reason is not None
    assert end.reason.code == "too_late"
    assert bot.victim.runs == 0


def test_a_bot_that_was_started_anew_voids_the_questions_of_the_one_before(bot: Stage) -> None:
    action = bot.asked()
    remediate.void_questions(bot.services)
    assert "expired" in shown(bot.press("confirm", action.id))
    assert bot.victim.runs == 0


def test_a_second_wish_while_one_is_under_way_is_told_whose_it_is(bot: Stage) -> None:
    bot.asked()
    reply = bot.type("restart web1/shop", BEN)
    assert reply.refused
    assert "asked for by ana" in shown(reply)
    assert len(bot.store.actions()) == 1


def test_the_fourth_restart_in_half_an_hour_needs_two_people_and_ten_minutes(bot: Stage) -> None:
    for _ in range(3):
        bot.confirmed()
        bot.work(until=(ActionStatus.SENT,))
        finish(bot)
    action = bot.asked()
    assert action.needed == 2
    assert (action.expires_at - action.updated_at).total_seconds() == pytest.approx(600, abs=2)
    thanks = bot.press("confirm", action.id)
    assert "1 more operator must say yes" in shown(thanks)
    assert "another operator must" in shown(bot.press("confirm", action.id))
    assert bot.action.status is ActionStatus.PROPOSED
    assert any("So far: ana" in text for text in bot.texts())
    assert bot.press("confirm", action.id, BEN).message is None
    assert bot.action.status is ActionStatus.APPROVED


def finish(bot: Stage) -> None:
    job = bot.store.job(bot.action.job)
    assert job is not None
    verify.give_up(bot.action, job, bot.services, clue("fault"))


def test_who_types_at_the_bots_own_terminal_counts_as_an_operator_and_is_told_in_chat_after_the_yes(
    bot: Stage,
) -> None:
    action = bot.asked(actor=LOCAL)
    assert bot.said() == []
    bot.press("confirm", action.id, LOCAL)
    told = bot.said()
    assert [one.operation for one in told] == [Operation.POST]
    assert title(told[0]).startswith("Restarting shop on web1")


def test_what_the_config_cannot_restart_is_refused_with_what_to_write(bot: Stage) -> None:
    settings = bot.services.settings
    service = replace(settings.fleet.services["shop"], restart=None, unit=None)
    bare = bot.with_settings(fleet=replace(settings.fleet, services={"shop": service}))
    reply = bare.type("restart web1 shop")
    assert reply.refused
    assert "services.shop" in shown(reply)
    assert "unit: NAME.service" in shown(reply)
    assert bot.store.actions() == []
