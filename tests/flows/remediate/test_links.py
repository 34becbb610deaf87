"""The link to a host over real SSH goes away in mid-act: what became of it is found out by looking, and nothing runs twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.messages import Operation
from bot.ports import Store
from tests.flows.remediate.programs import Victim, until
from tests.flows.remediate.stage import Stage, stage
from tests.sshd import Sshd, running_sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with running_sshd(tmp_path) as running:
        yield running


@pytest.fixture
def bot(store: Store, victim: Victim, sshd: Sshd) -> Iterator[Stage]:
    made = stage(store, victim, sshd.spec(services=("shop",)))
    yield made
    made.services.hosts.close()
    assert made.services.telemetry.failures == []  # type: ignore[attr-defined]


def told(bot: Stage) -> list[tuple[str, str]]:
    return [(one.operation.value, one.message.text) for one in bot.said()]


def test_over_real_ssh_it_is_restarted_and_verified(bot: Stage) -> None:
    bot.victim.hang()
    bot.asked(hurried=False)
    bot.victim.unhang()
    bot.press("confirm", bot.action.id)
    assert bot.work().status is ActionStatus.WATCHED
    assert bot.victim.runs == 1


def test_behind_a_jump_host_it_is_restarted_and_verified(
    store: Store, victim: Victim, sshd: Sshd, tmp_path: Path
) -> None:
    (tmp_path / "bastion").mkdir()
    with running_sshd(tmp_path / "bastion", AllowTcpForwarding="yes") as bastion:
        bot = stage(store, victim, sshd.spec(services=("shop",), jump=bastion.spec("b1")))
        try:
            bot.confirmed()
            assert bot.work().status is ActionStatus.WATCHED
            assert bot.victim.runs == 1
        finally:
            bot.services.hosts.close()
    assert bot.services.telemetry.failures == []  # type: ignore[attr-defined]


def test_a_link_that_breaks_while_the_command_runs_is_told_and_the_command_goes_on(
    bot: Stage, sshd: Sshd
) -> None:
    bot.victim.next(order="slow")
    before = bot.victim.pid
    bot.confirmed()
    breaker = when(lambda: bot.victim.runs == 1, sshd.cut)
    while bot.action.lost is None:
        bot.step()
    breaker.join()
    assert bot.action.status is ActionStatus.SENT
    for _ in range(3):
        until(bot.step)
        bot.clock.go_on(1)
    assert bot.action.status is ActionStatus.SENT, "the command still runs there"
    assert bot.victim.pid == before
    bot.victim.go()
    end = bot.work(faster=1)
    assert end.status is ActionStatus.WATCHED
    assert bot.victim.runs == 1
    texts = [text for _, text in told(bot)]
    assert any("The link broke while the command ran" in text for text in texts)
    assert "What runs there now shows that it was done, once." in texts[-1]


def test_a_host_that_goes_away_in_mid_act_is_unknown_at_once_and_corrected_when_it_is_back(
    bot: Stage, sshd: Sshd
) -> None:
    bot.victim.next(order="slow")
    bot.confirmed()
    breaker = when(lambda: bot.victim.runs == 1, sshd.leave)
    while bot.action.unsure_at is None:
        bot.step()
    breaker.join()
    unsure = told(bot)
    assert [kind for kind, _ in unsure[-2:]] == [Operation.EDIT, Operation.REPLY]
    assert all("I do not know whether shop on web1 was restarted" in text for _, text in unsure[-2:])
    bot.victim.go()
    for _ in range(3):  # it is said once
        bot.clock.go_on(6)
        assert bot.step()
    assert told(bot) == []
    sshd.start()
    end = bot.work()
    assert end.status is ActionStatus.WATCHED
    assert bot.victim.runs == 1
    assert "answers again" in told(bot)[-1][1]


def test_one_look_without_an_answer_is_repeated_before_anybody_is_told(bot: Stage, sshd: Sshd) -> None:
    bot.confirmed()
    until(lambda: bot.step() and bot.action.answered_at is not None)
    told(bot)
    sshd.leave()
    bot.clock.go_on(60)
    assert bot.step()
    assert (bot.action.unseen_looks, bot.action.unsure_at) == (1, None)
    sshd.start()
    assert bot.work().status is ActionStatus.WATCHED
    assert bot.action.unseen_looks == 0
    assert not any("cannot see" in text for _, text in told(bot))


def test_the_second_look_without_an_answer_is_told(bot: Stage, sshd: Sshd) -> None:
    bot.confirmed()
    until(lambda: bot.step() and bot.action.answered_at is not None)
    told(bot)
    sshd.leave()
    for _ in range(2):
        bot.clock.go_on(60)
        assert bot.step()
    assert bot.action.unsure_at is not None
    assert all("I cannot see whether it answers" in text for _, text in told(bot))
    sshd.start()
    assert bot.work().status is ActionStatus.WATCHED


def test_a_host_that_stays_away_is_left_unknown_after_ten_minutes(bot: Stage, sshd: Sshd) -> None:
    bot.victim.next(order="slow")
    before = bot.victim.pid
    bot.confirmed()
    breaker = when(lambda: bot.victim.runs == 1, sshd.leave)
    while bot.action.unsure_at is None:
        bot.step()
    breaker.join()
    bot.victim.go()
    until(lambda: bot.victim.runs_anew(before))
    bot.clock.go_on(601)
    end = bot.work()
    assert end.status is ActionStatus.UNKNOWN
    assert "Look yourself" in told(bot)[-1][1]


def test_a_host_that_cannot_be_asked_is_not_asked_about(bot: Stage, sshd: Sshd) -> None:
    sshd.stop()
    end = bot.asked()
    assert end.status is ActionStatus.NOT_DONE
    (_, text), *_ = told(bot)
    assert "nothing was sent" in text
    assert "/hang probe web1" in text
    assert bot.victim.runs == 0


def test_a_host_that_is_gone_when_the_yes_comes_is_sent_nothing(bot: Stage, sshd: Sshd) -> None:
    bot.confirmed()
    sshd.stop()
    end = bot.work()
    assert end.status is ActionStatus.NOT_DONE
    assert end.sent_at is None
    assert bot.victim.runs == 0


def when(true, act):  # type: ignore[no-untyped-def]
    """Return a thread, begun, that acts once something is so."""
    import threading

    def run() -> None:
        until(true)
        act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_watch_that_loses_sight_of_the_host_claims_nothing(bot: Stage, sshd: Sshd) -> None:
    bot.confirmed()
    assert bot.work().status is ActionStatus.WATCHED
    bot.said()
    sshd.stop()
    bot.clock.go_on(310)
    for _ in range(2):
        until(bot.step)
        bot.clock.go_on(6)
    assert bot.action.status is ActionStatus.WATCHED, "the host may come back"
    bot.clock.go_on(601)
    end = bot.work(until=())
    assert end.status is ActionStatus.HELD
    text = bot.texts()[-1]
    assert "it held" not in text
    assert "Whether it lasted I cannot tell" in text
