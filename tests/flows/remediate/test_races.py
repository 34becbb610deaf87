"""Two people and two bots at the same moment, again and again, on each kind of database: it is done once."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.clues import clue
from bot.domain.invocations import Reply
from bot.domain.settings import AccessPolicy
from bot.flows import verify
from bot.ports import Store
from bot.store.opening import open_store
from tests.flows.remediate.programs import Victim
from tests.flows.remediate.stage import ANA, BEN, SHOP, Stage, here, shop, shown, stage
from tests.stores import KINDS, a_database

ROUNDS = 15


class SharedIds:
    """Ids for many threads."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06d}"


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_database(request.param, tmp_path) as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture
def bot(store: Store, tmp_path: Path) -> Iterator[Stage]:
    """A bot whose restart command only counts itself: nothing else is restarted here."""
    victim = Victim(folder=tmp_path, port=1)
    made = stage(store, victim, here())
    counts = ("/bin/sh", "-c", f"echo run >> {tmp_path / 'runs'}")
    service = shop(victim, restart=counts, process=str(tmp_path / "nobody"), http=None)
    fleet = replace(made.services.settings.fleet, services={"shop": service})
    settings = replace(made.services.settings, fleet=fleet)
    made.services = replace(made.services, ids=SharedIds(), settings=settings)
    yield made
    made.services.hosts.close()
    assert made.services.telemetry.failures == []  # type: ignore[attr-defined]


def together(*acts: Callable[[], object]) -> list[object]:
    """Do all of them at the same moment; return what each gave."""
    found: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            found[number] = act()
        except BaseException as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    broken = [one for one in found if isinstance(one, BaseException)]
    assert not broken, broken
    return found


def over(bot: Stage) -> None:
    """End the newest act, so that the next round can begin; half an hour passes."""
    action = bot.action
    if not action.over:
        job = bot.store.job(action.job)
        assert job is not None
        verify.give_up(action, job, bot.services, clue("fault"))
    bot.clock.go_on(1900)


def test_two_operators_at_once_give_one_run_and_one_of_them_is_told_who_was_quicker(bot: Stage) -> None:
    for number in range(1, ROUNDS + 1):
        action = bot.asked()
        replies = together(
            lambda one=action: bot.press("confirm", one.id, ANA),  # type: ignore[misc]
            lambda one=action: bot.press("confirm", one.id, BEN),  # type: ignore[misc]
        )
        late = [reply for reply in replies if isinstance(reply, Reply) and reply.message]
        assert len(late) == 1
        assert "was quicker" in shown(late[0])
        assert len(bot.action.approvals) == 1
        other = bot.as_another()
        together(bot.step, other.step, bot.as_another("w3").step)
        assert bot.victim.runs == number
        over(bot)


def test_where_two_must_say_yes_both_count_and_it_runs_once(bot: Stage) -> None:
    policy = AccessPolicy(operators=(ANA.id, BEN.id), approve={"restart": 2})
    bot = bot.with_settings(access=policy)
    for number in range(1, ROUNDS + 1):
        action = bot.asked()
        together(
            lambda one=action: bot.press("confirm", one.id, ANA),  # type: ignore[misc]
            lambda one=action: bot.press("confirm", one.id, BEN),  # type: ignore[misc]
        )
        assert bot.action.status is ActionStatus.APPROVED
        assert {one.by for one in bot.action.approvals} == {ANA.id, BEN.id}
        together(bot.step, bot.as_another().step)
        assert bot.victim.runs == number
        over(bot)


def test_two_wishes_at_once_give_one_question(bot: Stage) -> None:
    for _ in range(ROUNDS):
        replies = together(
            lambda: bot.type("restart web1 shop now", ANA), lambda: bot.type("restart web1 shop now", BEN)
        )
        refused = [reply for reply in replies if isinstance(reply, Reply) and reply.refused]
        assert len(refused) == 1
        assert "being restarted already" in shown(refused[0])
        assert len(bot.store.actions(target=SHOP, unfinished=True)) == 1
        action = next(one for one in bot.store.actions(target=SHOP) if not one.over)
        while bot.store.action(action.id).status is ActionStatus.PREPARING:  # type: ignore[union-attr]
            assert bot.step()
        waiting = bot.store.action(action.id)
        assert waiting is not None
        assert waiting.status is ActionStatus.PROPOSED
        assert not bot.press("cancel", action.id, ANA).refused
        bot.clock.go_on(1900)
    assert bot.victim.runs == 0


def test_a_no_and_a_yes_at_once_are_one_of_them(bot: Stage) -> None:
    runs = 0
    for _ in range(ROUNDS):
        action = bot.asked()
        together(
            lambda one=action: bot.press("confirm", one.id, ANA),  # type: ignore[misc]
            lambda one=action: bot.press("cancel", one.id, BEN),  # type: ignore[misc]
        )
        together(bot.step, bot.as_another().step)
        runs += bot.store.action(action.id).status is not ActionStatus.CANCELLED  # type: ignore[union-attr]
        assert bot.victim.runs == runs
        over(bot)
