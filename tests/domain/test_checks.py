"""What the checks of a round come to: an alert for the worst of them, nothing where none can tell."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.builtin_rules import BUILTIN
from bot.domain.checks import CheckReading, CheckSpec, Grade, is_fresh
from bot.domain.evaluation import Evaluation, State, evaluate
from bot.domain.observations import Observation, ProbeOutcome

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def judged(**grades: Grade) -> Evaluation:
    (rule,) = (rule for rule in BUILTIN if rule.name == "check_failed")
    checks = {
        name: CheckReading(at=AT, grade=grade, text=f"{name} says so") for name, grade in grades.items()
    }
    return evaluate(
        Observation(host="web1", at=AT, outcome=ProbeOutcome.OK, checks=checks), rule, service=None
    )


@pytest.mark.parametrize(
    ("grades", "state", "severity"),
    [
        ({}, State.UNKNOWN, None),
        ({"a": Grade.UNKNOWN}, State.UNKNOWN, None),
        ({"a": Grade.OK, "b": Grade.UNKNOWN}, State.GOOD, None),
        ({"a": Grade.OK, "b": Grade.WARNING}, State.BAD, None),
        ({"a": Grade.WARNING, "b": Grade.CRITICAL, "c": Grade.OK}, State.BAD, Severity.CRITICAL),
    ],
)
def test_the_worst_check_is_the_alert(
    grades: dict[str, Grade], state: State, severity: Severity | None
) -> None:
    found = judged(**grades)
    assert (found.state, found.severity) == (state, severity)
    if state is State.BAD:
        assert found.reasons[0].facts["check"] == "b"
        assert found.reasons[0].facts["text"] == "b says so"


def test_what_was_said_long_ago_says_nothing_any_more() -> None:
    spec = CheckSpec(name="a", kind="tcp", every_s=60)
    reading = CheckReading(at=AT, grade=Grade.OK, text="x")
    assert is_fresh(reading, spec, now=AT + timedelta(minutes=3))
    assert not is_fresh(reading, spec, now=AT + timedelta(minutes=4))
