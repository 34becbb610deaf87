"""Every cause has evidence, as a host sent it, where it is named, and evidence like it where it must stay silent.

`evidence.txt` is what the script of `bot/collectors` printed, its mark replaced; `expected` says, a line each, what is
concluded: `verdict`, and of the headline `cause`, `confidence` (in the words of `words.md`), `culprit` as FILE:LINE,
`function` and `called_from`. `never` is a cause that no finding may name, not even as a guess.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import collectors
from bot.diagnosers import DIAGNOSERS, SURE_ENOUGH, diagnose, spinning
from bot.domain.diagnosis import Diagnosis, Finding, Place
from bot.domain.evidence import Evidence

FOLDER = Path(__file__).with_name("diagnosers")
CASES = sorted(path.parent for path in FOLDER.glob("*/*/evidence.txt"))
MARK = "@@"
CERTAINTY = (("sure", 0.9), ("likely", 0.75), ("probably", 0.6), ("guess", 0.0))


def evidence_of(case: Path) -> Evidence:
    sections = collectors.split((case / "evidence.txt").read_text(), MARK)
    found = collectors.read(sections, host="web1", service="shop", at=datetime(2026, 11, 24, 4, tzinfo=UTC))
    assert found is not None
    return found


def expected_of(case: Path) -> dict[str, str]:
    rows = (line.partition(": ") for line in (case / "expected").read_text().splitlines())
    return {key: value for key, _, value in rows}


def concluded(diagnosis: Diagnosis) -> dict[str, str]:
    """Say what was concluded in the words of `expected`; what a diagnosis does not have is left out."""
    headline = diagnosis.findings[0] if diagnosis.findings else None
    said: dict[str, str | None] = {"verdict": diagnosis.verdict.value}
    if headline:
        said |= {
            "cause": headline.cause.value,
            "confidence": certainty(headline),
            "culprit": at(headline.culprit),
            "function": headline.culprit.function if headline.culprit else None,
            "called_from": at(headline.called_from),
        }
    return {key: value for key, value in said.items() if value is not None}


def certainty(finding: Finding) -> str:
    return next(word for word, least in CERTAINTY if finding.confidence >= least)


def at(place: Place | None) -> str | None:
    return f"{place.file}:{place.line}" if place else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_evidence_leads_to_what_it_should(case: Path) -> None:
    diagnosis, _, _ = diagnose(evidence_of(case))
    expected = expected_of(case)
    never = expected.pop("never", None)
    assert concluded(diagnosis) == expected, diagnosis.findings
    assert never not in {finding.cause.value for finding in diagnosis.findings}


@pytest.mark.parametrize("name", DIAGNOSERS)
def test_every_cause_has_a_case_where_it_speaks_and_one_where_it_is_silent(name: str) -> None:
    of_its_own = [expected_of(case) for case in CASES if case.parent.name == name]
    assert any(one.get("cause") == name and "never" not in one for one in of_its_own)
    assert any(one.get("never") == name for one in of_its_own)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_evidence_names_no_machine_of_ours(case: Path) -> None:
    text = re.sub(r"/proc/\d+/root/", "/", (case / "evidence.txt").read_text())
    assert not any(path in text for path in ("/work/", "/root/", "/home/", "/tmp/", "hangbot"))


@pytest.mark.parametrize(
    "case", [one for one in CASES if one.parent.name == "infinite_recursion"], ids=lambda one: one.name
)
def test_no_loop_is_blamed_while_a_recursion_is_seen_below_it(case: Path) -> None:
    """The loop that starts a recursion again may be all that a look finds when the samples are shallow: no headline then."""
    found = spinning.busy_loop(evidence_of(case))
    if expected_of(case).get("cause") == "infinite_recursion":
        assert found is None or found.confidence < SURE_ENOUGH
