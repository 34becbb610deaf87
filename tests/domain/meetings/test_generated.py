"""Thousands of phrases whose meaning is known beforehand: none may be read as another moment."""

from collections import Counter
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from bot.domain.meetings.reading import read_when
from bot.domain.meetings.slot import Ask, Refused, Slot
from tests.domain.meetings.generated import YEAR, Case, cases
from tests.domain.meetings.test_phrases import ZONES

EACH = 3000


def wanted(case: Case) -> tuple[str, tuple[object, ...]]:
    """Return what must come out: a slot, a question, or a refusal with its code."""
    good = tuple(moment for moment in case.moments if case.now < moment <= case.now + YEAR)
    if not case.moments:
        return "refused", ("gap",)
    if not good:
        return "refused", ("past" if case.moments[0] <= case.now else "too_far",)
    return ("slot" if len(good) == 1 else "ask"), good


@pytest.mark.parametrize("zone", ZONES)
def test_no_phrase_is_read_as_another_moment(zone: str) -> None:
    seen: Counter[str] = Counter()
    for case in cases(ZoneInfo(zone), EACH, seed=f"meetings {zone}"):
        answer = read_when(case.phrase, now=case.now, zone=case.zone)
        kind, expected = wanted(case)
        seen[kind] += 1
        told = (case.phrase, case.now.astimezone(case.zone).isoformat(), zone, answer)
        if kind == "slot":
            assert isinstance(answer, Slot), told
            assert (answer.start.astimezone(UTC),) == expected, told
            assert (answer.minutes, answer.minutes_given) == (case.minutes or 45, case.minutes is not None), (
                told
            )
        elif kind == "ask":
            assert isinstance(answer, Ask), told
            assert tuple(option.slot.start.astimezone(UTC) for option in answer.options) == expected, told
        else:
            assert isinstance(answer, Refused), told
            assert answer.clue.code in (*expected, "just_over"), told
    assert seen["slot"] > EACH * 0.8
    assert zone in ("UTC", "Asia/Kolkata", "Asia/Tokyo") or seen["ask"] >= 5
