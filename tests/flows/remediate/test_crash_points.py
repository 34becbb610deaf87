"""A bot that is killed at any point: whoever goes on tells the truth, and the command ran once at most."""

import pytest

from bot.domain.actions import ActionStatus
from bot.flows import remediate
from bot.flows.remediate import Crash
from tests.flows.remediate.stage import ANA, SHOP, Stage

LEASE_AND_MORE_S = 61.0
BEFORE_THE_YES = ("asked", "evidence", "proposed")
AFTER_THE_YES = ("approved", "before", "sending", "sent", "done", "verified")


class KilledError(BaseException):
    """Goes through every boundary, as a kill does."""


def kill_at(point: str) -> Crash:
    def crash(now: str) -> None:
        if now == point:
            raise KilledError(point)

    return crash


def go_on(bot: Stage) -> Stage:
    """Return another worker, once the lease of the killed one is over."""
    bot.clock.go_on(LEASE_AND_MORE_S)
    return bot.as_another()


def wish(bot: Stage, crash: Crash) -> None:
    from bot.domain.invocations import Invocation

    invocation = Invocation(
        id="t0", actor=ANA, verb="restart", text="/hang restart", channel="C1", at=bot.clock.now()
    )
    remediate.ask(bot.services, target=SHOP, invocation=invocation, hurried=True, crash=crash)


@pytest.mark.parametrize("point", BEFORE_THE_YES)
def test_a_kill_before_the_yes_leaves_one_question_and_runs_nothing(bot: Stage, point: str) -> None:
    def wished() -> None:
        wish(bot, kill_at(point))
        bot.work(crash=kill_at(point))

    with pytest.raises(KilledError):
        wished()
    action = go_on(bot).work()
    assert action.status is ActionStatus.PROPOSED
    questions = [one for one in bot.said() if one.subject == action.subject]
    assert len(questions) == 1
    assert bot.victim.runs == 0


@pytest.mark.parametrize("point", AFTER_THE_YES)
def test_a_kill_after_the_yes_runs_the_command_once_at_most_and_the_truth_is_told(
    bot: Stage, point: str
) -> None:
    action = bot.asked()

    def said_yes() -> None:
        remediate.confirm(bot.services, actor=ANA, action_id=action.id, crash=kill_at(point))
        bot.work(crash=kill_at(point), until=())

    with pytest.raises(KilledError):
        said_yes()
    ran = bot.victim.runs
    assert ran == (1 if point in ("sent", "done", "verified") else 0)
    end = go_on(bot).work(faster=2)
    if point == "sending":
        assert end.status is ActionStatus.NOT_DONE
        assert end.reason is not None
        assert end.reason.code == "not_done_after_all"
        assert bot.victim.runs == 0
    else:
        assert end.status is ActionStatus.WATCHED
        assert bot.victim.runs == 1
        assert end.after is not None
        assert end.after.pid == bot.victim.pid
    assert bot.store.claim_job(now=bot.clock.now(), worker="w3", lease_s=1) is None or not end.over


def test_a_kill_when_all_is_told_tells_nothing_twice(bot: Stage) -> None:
    bot.confirmed()
    bot.work()
    bot.victim.hang()
    with pytest.raises(KilledError):
        bot.work(until=(), crash=kill_at("told"))
    assert bot.action.status is ActionStatus.RELAPSED
    told = len(bot.said())
    assert told >= 2
    go_on(bot).step()
    assert bot.said() == []


def test_a_worker_that_wakes_up_late_changes_nothing(bot: Stage) -> None:
    """It was stopped after the command came back; meanwhile another one found out by looking."""
    bot.confirmed()
    other = bot.as_another()

    def while_it_sleeps(point: str) -> None:
        if point == "sent":
            bot.clock.go_on(LEASE_AND_MORE_S)
            other.work(faster=2)

    bot.work(crash=while_it_sleeps)
    assert bot.action.status is ActionStatus.WATCHED
    assert bot.action.exit is None, "what the late one knew was refused"
    assert bot.victim.runs == 1


def test_a_worker_that_is_stopped_right_before_it_sends_finds_the_host_closed(bot: Stage) -> None:
    """The host itself lets nothing begin half a minute after the look before it: here its clock is set back instead."""
    from dataclasses import replace

    from bot import remedies
    from bot.domain.actions import Standing

    action = bot.confirmed()
    host = bot.services.hosts.get("web1")
    before: Standing = remedies.look(
        host, bot.services.settings.fleet.services["shop"], mark="hangbot-mark-t"
    )
    late = remedies.perform(host, action, before=replace(before, uptime_s=before.uptime_s - 31))
    other_boot = remedies.perform(host, action, before=replace(before, boot="another"))
    assert (late.late, other_boot.late) == (True, True)
    assert bot.victim.runs == 0
    assert remedies.perform(host, action, before=before).exit == 0
    assert bot.victim.runs == 1
