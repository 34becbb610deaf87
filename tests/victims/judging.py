"""Whether what was concluded about a victim is true: the same answer for the tests and for the benchmark."""

from dataclasses import dataclass

from bot.diagnosers import SURE_ENOUGH
from bot.domain.diagnosis import Diagnosis, Finding, Place, Verdict
from bot.domain.evidence import Evidence
from tests.victims.running import Victim


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`culprit` is None where the victim says no place that must be named."""

    cause: bool
    culprit: bool | None
    confidently_wrong: bool
    confidence: float

    @property
    def right(self) -> bool:
        return self.cause and self.culprit is not False


def judge(one: Victim, diagnosis: Diagnosis) -> Judgement:
    """Compare a conclusion with what the victim's first line and marks say.

    `guess: 1` in the first line is for causes that can only be guessed: being one of those named is enough. `or: CAUSE` is as true.
    """
    headline = diagnosis.findings[0] if diagnosis.findings else None
    confidence = headline.confidence if headline else 0.0
    sure = headline is not None and confidence >= SURE_ENOUGH
    if one.cause is None:
        hung = diagnosis.verdict is Verdict.HUNG
        return Judgement(cause=not hung, culprit=None, confidently_wrong=hung, confidence=confidence)
    named = [found for found in diagnosis.findings if found.cause.value in (one.cause, one.text("or"))]
    if sure or not one.option("guess"):
        named = [found for found in named if found is headline and sure]
    if not named:
        asked = bool(one.marks["culprit"] or one.text("place") or one.functions)
        return Judgement(
            cause=False, culprit=False if asked else None, confidently_wrong=sure, confidence=confidence
        )
    culprit = place_is_right(one, named[0])
    wrong = sure and culprit is False
    return Judgement(cause=True, culprit=culprit, confidently_wrong=wrong, confidence=confidence)


def place_is_right(one: Victim, finding: Finding) -> bool | None:
    """Return whether the line, or the function, and who called it are those that the victim marks."""
    culprit = finding.culprit
    callers = one.marks["caller"] or {None}
    if one.marks["culprit"]:
        return at(culprit) in one.marks["culprit"] and at(finding.called_from) in callers
    if place := one.text("place"):
        file, _, functions = place.partition(":")
        return (
            culprit is not None
            and culprit.file.endswith(f"/{file}")
            and culprit.function.rpartition(".")[2] in functions.split(",")
            and at(finding.called_from) in callers
        )
    if not one.functions:
        return None
    return (
        culprit is not None
        and culprit.file.endswith(f"{one.name}.py")
        and culprit.function.rpartition(".")[2] in one.functions
    )


def at(place: Place | None) -> tuple[str, int] | None:
    return (place.file, place.line) if place else None


def told(evidence: Evidence, diagnosis: Diagnosis) -> str:
    """Return all that was concluded, for a person to see why it is wrong."""
    found = [
        (
            one.cause.value,
            one.confidence,
            at(one.culprit),
            at(one.called_from),
            [clue.code for clue in one.because],
        )
        for one in diagnosis.findings
    ]
    return f"{diagnosis.verdict}: {found}; missing {[(clue.code, dict(clue.facts)) for clue in evidence.missing]}"
