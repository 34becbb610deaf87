"""A bot that dies at any step of a booking tells the truth afterwards, and does nothing twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.errors import Refusal
from bot.domain.invocations import Invocation
from bot.domain.reviews import ReviewStatus
from bot.flows import review
from bot.ports import Store
from bot.store.opening import open_store
from tests.flows.review.planning import ANA, Planning, planning, value_of

ROOT = Path(__file__).resolve().parents[3]
POINTS = ("confirming", "confirmed")


class KilledError(BaseException):
    """Goes through every boundary, as a kill does."""


def invoked(plan: Planning, review_id: str) -> Invocation:
    return Invocation(
        id="t0", actor=ANA, verb="confirm", args=(review_id,), channel="C1", at=plan.clock.now()
    )


def killed_at(point: str, plan: Planning, review_id: str) -> None:
    def crash(now: str) -> None:
        if now == point:
            raise KilledError

    with pytest.raises(KilledError):
        review.confirm(review_id, invoked(plan, review_id), plan.services, crash=crash)


def everything_said(plan: Planning) -> list[str]:
    return [
        f"{one.operation}:{one.id.rpartition('.')[2]}"
        for one in plan.said()
        if one.subject.startswith("review:")
    ]


WISHES = {
    "book": ("review tomorrow 10:00", ["post:invitation", "reply:report"]),
    "move": ("review move thu 14:00", ["edit:invitation", "reply:change"]),
    "cancel": ("review cancel", ["edit:invitation", "reply:change"]),
}


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_of_a_yes_does_it_wholly_or_not_at_all(
    store: Store, wish: str, point: str
) -> None:
    plan = planning(store)
    line, wanted = WISHES[wish]
    if wish != "book":
        plan.book()
    button = value_of(plan.echo(line), "confirm")
    killed_at(point, plan, button)
    if point == "confirming":
        assert everything_said(plan) == [], "nothing was written, so nothing is said"
        assert not plan.press("confirm", button).refused
    assert everything_said(plan) == wanted
    assert plan.press("confirm", button).refused
    assert everything_said(plan) == []


CHILD = """
import os, signal, sys
from bot.flows import review
from bot.store.opening import open_store
from tests.flows.review.planning import planning_again
from tests.flows.review.test_crash_points import invoked

url, review_id, point = sys.argv[1:]
plan = planning_again(open_store(url))

def crash(now):
    if now == point:
        os.kill(os.getpid(), signal.SIGKILL)

review.confirm(review_id, invoked(plan, review_id), plan.services, crash=crash)
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_is_killed_at_any_point_leaves_one_meeting(url: str, point: str) -> None:
    store = open_store(url)
    plan = planning(store)
    button = value_of(plan.echo(), "confirm")
    argv = (sys.executable, "-c", CHILD, url, button, point)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, cwd=ROOT, env=environ, check=False, capture_output=True, timeout=100)
    assert done.returncode == -signal.SIGKILL, done.stderr
    again = plan.press("confirm", button)
    assert again.refused is (point == "confirmed")
    assert plan.booked().status is ReviewStatus.BOOKED
    assert everything_said(plan) == ["post:invitation", "reply:report"]
    store.close()


def test_a_refused_yes_passes_no_point(store: Store) -> None:
    plan = planning(store)
    passed: list[str] = []
    plan.book()
    button = value_of(plan.echo("review move thu 14:00"), "confirm")
    plan.clock.at = plan.booked().end
    with pytest.raises(Refusal):
        review.confirm(button, invoked(plan, button), plan.services, crash=passed.append)
    assert passed == []
