"""Every phrase of phrases.tsv, in every zone it is said to hold in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.meetings.reading import DEFAULT_MINUTES, read_when
from bot.domain.meetings.slot import Answer, Ask, Refused, Slot
from bot.domain.messages import flat
from bot.present import meetings as words

ZONES = (
    "Europe/Berlin",
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
)
SLOT = re.compile(r"(?P<start>[0-9-]{10} [0-9:]{5})(?: (?P<minutes>[0-9]+)m)?(?: @(?P<zone>\S+))?")


@dataclass(frozen=True, kw_only=True)
class Row:
    now: str
    zones: tuple[str, ...]
    phrase: str
    expected: str
    line: int


def rows() -> Iterator[Row]:
    now, zones = "", ZONES
    text = (Path(__file__).parent / "phrases.tsv").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            day, time, where = line.removeprefix("## ").split()
            now, zones = f"{day} {time}", ZONES if where == "*" else (where,)
        elif line and not line.startswith("#"):
            phrase, _, expected = line.partition("\t")
            yield Row(now=now, zones=zones, phrase=phrase, expected=expected, line=number)


def shown(answer: Answer, row: Row, zone: str) -> str:
    """Return an answer as the table writes it."""
    if isinstance(answer, Slot):
        there = f"{answer.start:%Y-%m-%d %H:%M}"
        length = f" {answer.minutes}m" if answer.minutes_given else ""
        named = "@" in row.expected and not row.expected.startswith(("ask", "no"))
        return there + length + (f" @{answer.zone}" if named or answer.zone != zone else "")
    if isinstance(answer, Ask):
        starts = [f"{option.slot.start:%Y-%m-%d %H:%M}" for option in answer.options]
        if row.expected.endswith("…"):
            count = row.expected.count("|")
            starts = [*starts[:count], "…"] if len(starts) > count else starts
        return f"ask {answer.code}: " + " | ".join(starts)
    word = answer.clue.facts.get("word", "")
    if answer.clue.code in ("past", "too_far") and row.expected.startswith(f"no {answer.clue.code} "):
        wanted = row.expected.split(" ", 2)[2]
        return f"no {answer.clue.code} {wanted if str(word).startswith(wanted) else word}"
    return f"no {answer.clue.code} {word}".strip()


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.line}: {row.phrase}") for row in rows()])
def test_a_phrase_means_what_the_table_says_in_every_zone(row: Row) -> None:
    for zone in row.zones:
        own = ZoneInfo(zone)
        now = datetime.fromisoformat(row.now).replace(tzinfo=own)
        answer = read_when(row.phrase, now=now, zone=own)
        assert shown(answer, row, zone) == row.expected, zone
        if isinstance(answer, Slot):
            assert answer.minutes_given or answer.minutes == DEFAULT_MINUTES
            assert str(answer.start.tzinfo) == answer.zone
        if isinstance(answer, Ask):
            assert answer.options
            for option in answer.options:
                again = read_when(option.text, now=now, zone=own)
                assert isinstance(again, Slot), option.text
                assert again.start.astimezone(UTC) == option.slot.start.astimezone(UTC), option.text
                assert (again.zone, again.minutes) == (option.slot.zone, option.slot.minutes)


def test_the_table_is_large_and_every_code_has_its_sentence() -> None:
    found = list(rows())
    assert sum(len(row.zones) for row in found) > 1500
    asked = {row.expected.split()[1].rstrip(":") for row in found if row.expected.startswith("ask ")}
    refused = {row.expected.split()[1] for row in found if row.expected.startswith("no ")}
    assert asked == set(words.QUESTIONS)
    assert refused | {"too_long", "person_unclear"} == set(words.REFUSALS)


@pytest.mark.parametrize(
    "row", [row for row in rows() if row.expected.startswith("no ")], ids=lambda row: f"{row.line}"
)
def test_a_refusal_is_a_sentence_that_names_the_word(row: Row) -> None:
    own = ZoneInfo(row.zones[0])
    answer = read_when(row.phrase, now=datetime.fromisoformat(row.now).replace(tzinfo=own), zone=own)
    assert isinstance(answer, Refused)
    said = flat(words.refused(answer.clue))
    assert said.endswith((".", "?"))
    assert "_" not in said.replace(row.phrase, "").replace(row.zones[0], "")
    if (word := answer.clue.facts.get("word")) and answer.clue.code not in ("past", "too_far"):
        assert str(word) in said or answer.clue.code == "just_over"
