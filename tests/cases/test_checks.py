"""Answers of real servers as files, and what a check makes of them: `checks/<kind>/<case>/`.

`answer` holds the bytes that came, `case.json` what was asked (`spec`) and how it came (`reply`), `expected.json` the grade, the
line for people and the numbers.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.checks import CheckSpec, Grade, Reply
from bot.probes import CHECKS
from bot.probes.checks import command

FOLDER = Path(__file__).with_name("checks")
CASES = sorted(path.parent for path in FOLDER.glob("*/*/expected.json"))


def read(case: Path) -> dict[str, Any]:
    told = json.loads((case / "case.json").read_text())
    spec = CheckSpec(name="it", kind=case.parent.name, **told["spec"])
    reply = Reply(
        text=(case / "answer").read_bytes(),
        at=datetime.fromisoformat(told["reply"]["at"]),
        took_ms=told["reply"]["took_ms"],
        exit=told["reply"]["exit"],
    )
    said = CHECKS[spec.kind].parse(reply, spec)
    return {"grade": said.grade.value, "text": " ".join(said.text.split()), "metrics": dict(said.metrics)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_an_answer_is_read_as_expected(case: Path) -> None:
    assert read(case) == json.loads((case / "expected.json").read_text())


@pytest.mark.parametrize("kind", CHECKS)
def test_every_check_has_two_cases_of_which_one_is_not_well(kind: str) -> None:
    grades = [
        json.loads((case / "expected.json").read_text())["grade"]
        for case in CASES
        if case.parent.name == kind
    ]
    assert (
        len(grades) >= 2 or kind == "tcp"
    )  # a port that accepts says nothing: there is no other answer to read
    assert set(grades) - {"ok"} or kind == "tcp"


@pytest.mark.parametrize("kind", CHECKS)
@given(
    text=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)),
    code=st.sampled_from([0, 1, 2, 3, 7, 137, None]),
)
def test_whatever_comes_is_graded_and_no_crash(kind: str, text: bytes, code: int | None) -> None:
    reply = Reply(text=text, at=datetime.fromisoformat("2026-11-30T12:00:00+00:00"), took_ms=1.0, exit=code)
    said = CHECKS[kind].parse(reply, CheckSpec(name="it", kind=kind, target="1"))
    assert said.text
    assert said.grade is not Grade.OK or kind in ("tcp", "command", "journal", "clock", "units", "http")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (
            "OK | load1=0.5;5;10;0 'used space'=10MB;; time=250ms",
            {"load1": 0.5, "used space": 10e6, "time": 0.25},
        ),
        ("OK | a=1\nlong text\nmore | b=2% c=-3", {"a": 1.0, "b": 0.02, "c": -3.0}),
        ("OK | 'it''s'=4 bad= =5 x=U", {"it's": 4.0}),
        ("OK without", {}),
    ],
)
def test_performance_data_is_read_in_base_units(text: str, numbers: dict[str, float]) -> None:
    assert command.numbers(text) == pytest.approx(numbers)
