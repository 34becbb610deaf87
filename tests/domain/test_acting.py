"""How many must say yes, what two looks tell of a run, and whether it is stuck where it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import acting
from bot.domain.acting import Run
from bot.domain.actions import Action, ActionStatus, Approval, Standing
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Place, Verdict
from bot.domain.settings import AccessPolicy
from bot.domain.targets import Target

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ANA = Approval(by="U0ANA", name="ana", at=NOW)
BEN = Approval(by="U0BEN", name="ben", at=NOW, groups=frozenset({"S0NIGHT"}))
POLICY = AccessPolicy(operators=("U0ANA", "S0NIGHT"))
COMMAND = ("systemctl", "restart", "shop.service")
ACTION = Action(
    id="act_1",
    verb="restart",
    target=Target(host="web1", service="shop"),
    remedy="restart_unit",
    command=COMMAND,
    asked=ANA,
    expires_at=NOW + timedelta(minutes=2),
    status=ActionStatus.PROPOSED,
    updated_at=NOW,
)
SENT = replace(ACTION, status=ActionStatus.HELD, sent_at=NOW, answered_at=NOW + timedelta(seconds=4))


def past(*minutes_ago: float) -> list[Action]:
    return [replace(SENT, sent_at=NOW - timedelta(minutes=ago)) for ago in minutes_ago]


@pytest.mark.parametrize(
    ("configured", "before", "many"),
    [
        ({}, past(), 1),
        ({"restart": 1}, past(1, 10), 1),
        ({"restart": 1}, past(1, 10, 29), 2),
        ({"restart": 1}, past(1, 10, 31), 1),
        ({"restart": 3}, past(1, 2, 3, 4), 3),
        ({"restart": 2}, past(), 2),
        ({"run": 2}, past(), 1),
        ({"restart": 0}, past(), 1),
    ],
)
def test_two_must_say_yes_where_it_was_done_again_and_again(
    configured: dict[str, int], before: list[Action], many: int
) -> None:
    assert acting.needed("restart", AccessPolicy(approve=configured), before, now=NOW) == many


def test_what_was_never_sent_does_not_count_as_done() -> None:
    asked = [replace(ACTION, status=ActionStatus.EXPIRED)] * 5
    assert acting.needed("restart", AccessPolicy(), asked, now=NOW) == 1


def test_the_same_person_twice_is_one_yes() -> None:
    twice = acting.agreed(acting.agreed(replace(ACTION, needed=2), ANA), ANA)
    assert twice.status is ActionStatus.PROPOSED
    assert acting.agreed(twice, BEN).status is ActionStatus.APPROVED


APPROVED = replace(ACTION, status=ActionStatus.APPROVED, approvals=(BEN,))


@pytest.mark.parametrize(
    ("action", "policy", "command", "after_s", "code"),
    [
        (APPROVED, POLICY, COMMAND, 60, None),
        (APPROVED, POLICY, COMMAND, 179, None),
        (APPROVED, POLICY, COMMAND, 181, "too_late"),
        (APPROVED, POLICY, ("reboot",), 0, "config_changed"),
        (APPROVED, POLICY, None, 0, "config_changed"),
        (APPROVED, AccessPolicy(operators=("U0ANA",)), COMMAND, 0, "no_operator"),
        (APPROVED, AccessPolicy(operators=("S0NIGHT",)), COMMAND, 0, "no_operator"),
        (APPROVED, AccessPolicy(), COMMAND, 0, "no_operator"),
        (replace(APPROVED, needed=2), POLICY, COMMAND, 0, "too_few"),
        (replace(APPROVED, approvals=(), needed=1), POLICY, COMMAND, 0, "too_few"),
        (replace(APPROVED, asked=replace(ANA, by="local:root", local=True), approvals=(replace(ANA, local=True),)),
         AccessPolicy(), COMMAND, 0, None),
    ],
)  # fmt: skip
def test_all_is_asked_again_when_it_runs(
    action: Action, policy: AccessPolicy, command: tuple[str, ...] | None, after_s: float, code: str | None
) -> None:
    reason = acting.obstacle(action, policy=policy, command=command, now=NOW + timedelta(seconds=after_s))
    assert (reason.code if reason else None) == code


UNIT = Standing(
    boot="b1", invocation="i1", main_pid=10, pids={10: 500, 11: 510}, state="active", load="loaded"
)
BARE = Standing(boot="b1", pids={10: 500, 11: 510})


@pytest.mark.parametrize(
    ("before", "now", "run"),
    [
        (UNIT, UNIT, Run.SAME),
        (UNIT, replace(UNIT, invocation="i2", main_pid=20, pids={20: 900}), Run.NEW),
        (UNIT, replace(UNIT, pids={10: 500, 12: 900}), Run.SAME),
        (UNIT, replace(UNIT, state="failed", main_pid=None, pids={}), Run.GONE),
        (UNIT, replace(UNIT, state="inactive", invocation="", main_pid=None, pids={}), Run.GONE),
        (UNIT, replace(UNIT, boot="b2", invocation="i2"), Run.NEW),
        (UNIT, replace(UNIT, boot="b2", state="inactive", main_pid=None, pids={}), Run.GONE),
        (replace(UNIT, state="failed", pids={}, main_pid=None), replace(UNIT, invocation="i2"), Run.NEW),
        (replace(UNIT, pids={}, main_pid=None), replace(UNIT, pids={}, main_pid=None), Run.SAME),
        (BARE, BARE, Run.SAME),
        (BARE, replace(BARE, pids={10: 500, 11: 510, 12: 900}), Run.SAME),
        (BARE, replace(BARE, pids={10: 500, 12: 900}), Run.PARTLY),
        (BARE, replace(BARE, pids={11: 510, 12: 900}), Run.NEW),
        (BARE, replace(BARE, pids={20: 900}), Run.NEW),
        (BARE, replace(BARE, pids={10: 900, 11: 900}), Run.NEW),
        (BARE, replace(BARE, pids={11: 510}), Run.PARTLY),
        (BARE, replace(BARE, pids={10: 500}), Run.SAME),
        (BARE, replace(BARE, pids={}), Run.GONE),
        (replace(BARE, pids={}), replace(BARE, pids={20: 900}), Run.NEW),
        (replace(BARE, pids={}), replace(BARE, pids={}), Run.UNTOLD),
    ],
)
def test_two_looks_tell_one_run_from_the_next(before: Standing, now: Standing, run: Run) -> None:
    assert acting.compare(before, now) is run


def test_a_pid_that_is_used_again_is_another_process() -> None:
    assert acting.compare(replace(BARE, pids={10: 500}), replace(BARE, pids={10: 501})) is Run.NEW


def test_the_host_is_closed_half_a_minute_after_the_look_or_after_a_boot() -> None:
    before = Standing(boot="b1", uptime_s=100.0)
    assert not acting.fenced(before, replace(before, uptime_s=130.0))
    assert acting.fenced(before, replace(before, uptime_s=130.1))
    assert acting.fenced(before, replace(before, boot="b2", uptime_s=5.0))


GET, INHERITED, OTHER = (
    Place(file="/srv/session.py", line=line, function=function)
    for line, function in ((22, "Settings.get"), (27, "Settings.inherited"), (90, "Settings.other"))
)


def stuck(place: Place, *cycle: Place, cause: Cause = Cause.INFINITE_RECURSION) -> Inspection:
    finding = Finding(cause=cause, confidence=0.9, culprit=place, cycle=cycle)
    diagnosis = Diagnosis(verdict=Verdict.HUNG, findings=(finding,))
    return Inspection(id="ins", target=ACTION.target, at=NOW, diagnosis=diagnosis)


def test_any_line_of_the_same_cycle_is_the_same_place() -> None:
    assert acting.same_place(stuck(GET, GET, INHERITED), stuck(INHERITED, INHERITED, GET))
    assert not acting.same_place(stuck(GET, GET, INHERITED), stuck(OTHER))
    assert acting.same_place(stuck(GET), stuck(GET, cause=Cause.BUSY_LOOP))
    assert acting.same_place(stuck(GET), stuck(replace(GET, line=24)))
    assert not acting.same_place(None, stuck(GET))
    healthy = replace(
        stuck(GET), diagnosis=Diagnosis(verdict=Verdict.HEALTHY, findings=stuck(GET).diagnosis.findings)
    )
    assert not acting.same_place(stuck(GET), healthy)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("sudo: a password is required", "sudo_refused"),
        ("sudo: a password is •••", "sudo_refused"),
        ("Sorry, user probe is not allowed to execute '/bin/systemctl' as root on h1. sudo", "sudo_refused"),
        ("sudo: a terminal is required to read the password", "sudo_refused"),
        ("Failed to restart shop.service: Unit shop.service is masked.", "command_failed"),
        ("sudo: unable to resolve host", "command_failed"),
        ("", "command_failed"),
    ],
)
def test_what_sudo_refuses_comes_with_the_line_that_would_allow_it(said: str, code: str) -> None:
    action = replace(ACTION, command=("sudo", "-n", *COMMAND))
    why = acting.why_failed(action, user="hangbot", exit=1, output=said)
    assert why.code == code
    if code == "sudo_refused":
        assert why.facts["allow"] == "/usr/bin/systemctl restart shop.service"


def test_without_sudo_in_the_command_it_is_never_sudos_fault() -> None:
    why = acting.why_failed(ACTION, user="hangbot", exit=1, output="sudo: a password is required")
    assert why.code == "command_failed"
