"""Every victim is named for what it is, on the Pythons that are there; every honest program is left alone."""

import re
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Diagnosis, Place, Verdict
from bot.domain.evidence import Evidence
from tests.victims.running import cases, look, running, victim


def told(evidence: Evidence, diagnosis: Diagnosis) -> str:
    found = [
        (one.cause.value, one.confidence, one.culprit, [clue.code for clue in one.because])
        for one in diagnosis.findings
    ]
    return f"{diagnosis.verdict}: {found}; missing {[(clue.code, dict(clue.facts)) for clue in evidence.missing]}"


@pytest.mark.parametrize(
    ("python", "name"), cases(), ids=lambda value: Path(value).parent.parent.name if "/" in value else value
)
def test_a_program_is_named_for_what_it_is(python: str, name: str) -> None:
    one = victim(name)
    with running(python, one) as pid:
        evidence = look(pid)
    diagnosis, _, _ = diagnose(evidence)
    what = told(evidence, diagnosis)
    assert evidence.left_as_found, what
    wanted = re.match(r"# cause: (\w+)", one.head)
    if wanted is None:
        assert diagnosis.verdict is not Verdict.HUNG, what
        return
    assert diagnosis.findings, what
    headline = diagnosis.findings[0]
    assert headline.cause.value == wanted[1], what
    assert headline.confidence >= 0.6, what
    functions = re.search(r"function: (\S+)", one.head)
    if functions and functions[1] != "-":
        assert headline.culprit is not None, what
        assert headline.culprit.file.endswith(f"{name}.py"), what
        assert headline.culprit.function.rpartition(".")[2] in functions[1].split(","), what
    if one.marks["culprit"]:
        assert at(headline.culprit) in one.marks["culprit"], what
        assert at(headline.called_from) in (one.marks["caller"] or {None}), what


def at(place: Place | None) -> tuple[str, int] | None:
    return (place.file, place.line) if place else None
