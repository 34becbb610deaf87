"""Bad rounds among the last ones, flapping, shadow and labels: what gates an alert, by tables and by any sequence."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.advance import FLAPS_AFTER, advance
from bot.domain.alerts import Alert, AlertStatus, Change, Severity, Transition
from bot.domain.evaluation import Evaluation, State
from bot.domain.messages import Operation
from bot.domain.routing import Flapping, decide
from bot.domain.rule import Rule, Telling
from bot.domain.rules import RuleOverride, rules_for, rules_with
from bot.domain.targets import HostSpec, Target

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
WEB1 = Target(host="web1")
STATES = {"b": State.BAD, "g": State.GOOD, "u": State.UNKNOWN}


def play(
    rule: Rule, rounds: str, *, every_s: float = 10.0, told: bool = True
) -> list[tuple[Change, Alert | None]]:
    """Play rounds (b bad, g good, u unknown); return what each changed. `told`: as if each opening were told."""
    alert: Alert | None = None
    found = []
    for number, letter in enumerate(rounds):
        now = START + timedelta(seconds=every_s * number)
        step = advance(
            alert,
            Evaluation(state=STATES[letter], at=now),
            rule,
            target=WEB1,
            now=now,
            id="alr_1",
            interval_s=every_s,
        )
        alert = step.after
        if told and alert is not None and step.change is Change.FIRED:
            alert = replace(alert, told=True)
        found.append((step.change, alert))
    return found


def fired_at(rule: Rule, rounds: str) -> int | None:
    changes = [change for change, _ in play(rule, rounds)]
    return changes.index(Change.FIRED) if Change.FIRED in changes else None


THREE_OF_FIVE = Rule(name="x", severity=Severity.WARNING, of=(3, 5))


@pytest.mark.parametrize(
    ("rounds", "at"),
    [
        ("bbb", 2),
        ("bgbgb", 4),
        ("bggbgbb", 6),
        ("bgggb", None),
        ("bgggbgggbggg", None),
        ("bbggggb", None),
        ("bubub", 4),
        ("gggg", None),
        ("bbgggbbb", 7),
    ],
)
def test_three_of_the_last_five_rounds(rounds: str, at: int | None) -> None:
    assert fired_at(THREE_OF_FIVE, rounds) == at


def test_without_it_one_good_round_clears_what_waits() -> None:
    assert fired_at(Rule(name="x", severity=Severity.WARNING, attempts=3), "bbgbbgbb") is None


@given(st.text(alphabet="bgu", max_size=60))
def test_it_fires_only_where_three_of_five_known_rounds_were_bad(rounds: str) -> None:
    known = ""
    for number, (change, _) in enumerate(play(THREE_OF_FIVE, rounds)):
        known += rounds[number] if rounds[number] != "u" else ""
        if change in (Change.FIRED, Change.REOPENED, Change.FLAPS):
            assert known[-5:].count("b") >= 3
            assert rounds[number] == "b"


# --- flapping

QUICK = Rule(name="x", severity=Severity.CRITICAL, passes=1)


def replies(rounds: str, *, every_s: float = 60.0) -> list[str]:
    """Return what is said out loud over these rounds."""
    said = []
    before: Alert | None = None
    for change, alert in play(QUICK, rounds, every_s=every_s):
        decision = decide(
            Transition(before=before, after=alert, change=change),
            silences=[],
            rule=QUICK,
            oncall=("U1",),
            now=START + timedelta(seconds=every_s * len(said)),
        )
        if Operation.REPLY in decision.operations or change is Change.FIRED:
            said.append(change.value)
        if isinstance(decision.reason, Flapping):
            assert decision.operations == (Operation.EDIT,)
            assert decision.page is None
            assert decision.mention == ()
        before = alert
    return said


def test_what_comes_and_goes_for_an_hour_is_told_until_it_is_known_to_and_then_no_more() -> None:
    said = replies("bg" * 60)
    assert said[: 2 * FLAPS_AFTER + 1] == [
        "fired", "resolved", "reopened", "resolved", "reopened", "resolved", "flaps",
    ]  # fmt: skip
    assert said[2 * FLAPS_AFTER + 1 :] == []


def test_what_flapped_and_stays_bad_is_told_once_more() -> None:
    said = replies("bg" * 10 + "b" * 30)
    assert said[-2:] == ["flaps", "settled"]


def test_a_relapse_now_and_then_is_no_flapping() -> None:
    rounds = ("b" + "g" * 14) * 6
    assert "flaps" not in replies(rounds, every_s=180.0)


@given(st.text(alphabet="bgu", min_size=1, max_size=200))
def test_in_an_hour_no_sequence_says_more_than_a_few_things(rounds: str) -> None:
    said = replies(rounds[:60], every_s=60.0)
    assert len(said) <= 2 * FLAPS_AFTER + 1 + 4, said


# --- shadow and labels


def test_a_rule_in_shadow_is_judged_and_told_to_nobody() -> None:
    rule = Rule(name="x", severity=Severity.CRITICAL, shadow=True, told=(Telling.PAGE,))
    assert rule.telling(Severity.CRITICAL) == (Telling.STATUS,)
    changes = play(rule, "bbgg", told=False)
    assert next(change for change, _ in changes) is Change.FIRED
    assert changes[-1][1] is not None
    assert changes[-1][1].status is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("labels", "zone", "for_s"),
    [
        ({}, None, 600.0),
        ({"role": "web"}, None, 600.0),
        ({"role": "db"}, None, 60.0),
        ({"role": "db"}, "eu", 30.0),
        ({"role": "db", "tier": "gold"}, None, 60.0),
    ],
)
def test_a_rule_holds_where_the_labels_are_and_the_narrowest_is_taken(
    labels: dict[str, str], zone: str | None, for_s: float
) -> None:
    rules = rules_with(
        [
            RuleOverride(name="load_high", match={"role": "db"}, for_s=60.0),
            RuleOverride(name="load_high", match={"role": "d*", "zone": "eu"}, for_s=30.0),
        ]
    )
    host = HostSpec(name="web1", labels=labels, zone=zone)
    (found,) = [rule for rule, _ in rules_for(rules, host) if rule.name == "load_high"]
    assert found.for_s == for_s


@pytest.mark.parametrize(
    ("window", "at", "excepted"),
    [
        ((time(2), time(4)), time(2), True),
        ((time(2), time(4)), time(3, 59, 59), True),
        ((time(2), time(4)), time(4), False),
        ((time(23, 30), time(4)), time(23, 45), True),
        ((time(23, 30), time(4)), time(3), True),
        ((time(23, 30), time(4)), time(12), False),
    ],
)
def test_a_window_of_each_day_is_not_judged(window: tuple[time, time], at: time, excepted: bool) -> None:
    assert Rule(name="x", severity=Severity.INFO, windows=(window,)).is_excepted(at) is excepted
