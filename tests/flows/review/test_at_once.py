"""Two people at once, with real threads on each kind of database: one meeting, one invitation."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.domain.invocations import Reply
from bot.domain.reviews import ReviewStatus
from bot.ports import Store
from tests.flows.review.planning import ANA, BEN, Planning, value_of

PEOPLE = 6


def all_at_once(*calls: Callable[[], Reply]) -> list[Reply]:
    """Start every call at the same moment; return their answers."""
    gate, answers = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Reply]) -> None:
        gate.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == len(calls)
    return answers


def invitations(plan: Planning) -> list[str]:
    return [one.id for one in plan.said() if one.subject.startswith("review:") and one.operation == "post"]


@pytest.mark.parametrize("turn", range(3))
def test_a_yes_of_six_people_at_once_books_once(on_each_database: Planning, turn: int) -> None:
    plan = on_each_database
    button = value_of(plan.echo(), "confirm")
    answers = all_at_once(*[lambda: plan.press("confirm", button, ANA)] * PEOPLE)
    assert sorted(answer.refused for answer in answers) == [False, *[True] * (PEOPLE - 1)]
    assert len(invitations(plan)) == 1
    assert plan.booked().sequence == 0


@pytest.mark.parametrize("turn", range(12))
def test_two_proposals_for_one_incident_said_yes_to_at_once_book_one(
    on_each_database: Planning, turn: int
) -> None:
    plan = on_each_database
    first = value_of(plan.echo("review tomorrow 10:00"), "confirm")
    second = value_of(plan.echo("review thu 14:00"), "confirm")
    answers = all_at_once(
        lambda: plan.press("confirm", first, ANA), lambda: plan.press("confirm", second, BEN)
    )
    assert sorted(answer.refused for answer in answers) == [False, True]
    (refused,) = [answer for answer in answers if answer.refused]
    assert "/hang review move INC-12" in repr(refused.message)
    assert [one.status for one in plan.store.reviews()].count(ReviewStatus.BOOKED) == 1
    assert len(invitations(plan)) == 1


def test_a_move_and_a_cancellation_at_once_leave_one_truth(on_each_database: Planning) -> None:
    plan = on_each_database
    plan.book()
    move = value_of(plan.echo("review move thu 14:00"), "confirm")
    cancel = value_of(plan.echo("review cancel"), "confirm")
    answers = all_at_once(
        lambda: plan.press("confirm", move, ANA), lambda: plan.press("confirm", cancel, BEN)
    )
    (review,) = [one for one in plan.store.reviews() if one.sequence]
    done = [answer for answer in answers if not answer.refused]
    assert review.sequence == len(done)
    assert review.status is ReviewStatus.CANCELLED, "whoever came first, it is cancelled in the end"


def test_a_yes_and_a_no_at_once_are_one_of_them(on_each_database: Planning) -> None:
    plan = on_each_database
    button = value_of(plan.echo(), "confirm")
    yes, no = (
        lambda: plan.press("confirm", button, ANA),
        lambda: plan.press("cancel", button, BEN),
    )
    answers = all_at_once(yes, no)
    assert sorted(answer.refused for answer in answers) == [False, True]
    (review,) = plan.store.reviews()
    assert len(invitations(plan)) == (1 if review.status is ReviewStatus.BOOKED else 0)


class Meanwhile:
    """A store on which somebody else acts, once, just before `method` is called with `given`."""

    def __init__(self, store: Store, act: Callable[[], object], method: str, *given: object) -> None:
        self._store, self._act, self._method, self._given = store, act, method, given

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name != self._method:
            return found

        def called(*given: Any, **more: Any) -> Any:
            if given == self._given:
                act, self._act = self._act, lambda: None
                act()
            return found(*given, **more)

        return called


def test_a_booking_between_another_ones_look_and_its_writing_is_found(plan: Planning) -> None:
    first = value_of(plan.echo("review tomorrow 10:00"), "confirm")
    second = value_of(plan.echo("review thu 14:00"), "confirm")
    beside = Planning(services=plan.services, clock=plan.clock, incident=plan.incident)
    slow = Meanwhile(plan.store, lambda: beside.press("confirm", second, BEN), "incidents")
    plan.services = replace(plan.services, store=cast("Store", slow))
    assert plan.press("confirm", first, ANA).refused
    assert beside.booked().id == second


@pytest.mark.parametrize("line", ["review move thu 14:00", "review cancel"])
def test_what_is_cancelled_between_a_look_and_its_writing_stays_as_it_is(plan: Planning, line: str) -> None:
    review = plan.book()
    first = value_of(plan.echo(line), "confirm")
    second = value_of(plan.echo("review cancel"), "confirm")
    beside = Planning(services=plan.services, clock=plan.clock, incident=plan.incident)
    slow = Meanwhile(plan.store, lambda: beside.press("confirm", second, BEN), "review", review.id)
    plan.services = replace(plan.services, store=cast("Store", slow))
    assert plan.press("confirm", first, ANA).refused
    stored = plan.store.review(review.id)
    assert stored is not None
    assert (stored.status, stored.sequence, stored.start) == (ReviewStatus.CANCELLED, 1, review.start)
