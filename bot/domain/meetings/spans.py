"""Lengths and distances: 45m, 1h30, an hour and a half, 2 days, three working days."""

import re
from collections.abc import Callable
from fractions import Fraction

from bot.domain.clues import clue
from bot.domain.meetings.phrase import Phrase, Span
from bot.domain.meetings.slot import Unreadable
from bot.domain.meetings.tokens import Scanner
from bot.domain.meetings.words import NUMBERS, UNITS

NUMBER = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,2})?")
PIECE = re.compile(r"([0-9]{1,5}(?:[.,][0-9]{1,2})?)([a-z]+)")
GLUED = re.compile(rf"(?:{PIECE.pattern})+|([0-9]{{1,3}})h([0-5][0-9])")
HALF = Fraction(1, 2)
MINUTES_OF = {"minutes": 1, "hours": 60}
DAYS_OF = {"days": 1, "weeks": 7, "fortnights": 14}
MONTHS_OF_YEAR = 12
SHORTEST_MIN, LONGEST_MIN = 5, 480

Amount = tuple[Fraction, str]


def read_span(scan: Scanner) -> Span | None:
    """Read a length or distance if one comes next; read nothing where none does."""
    start = scan.place
    found: list[Amount] = []
    while True:
        before = scan.place
        if found:
            scan.take("and")
        piece = _glued(scan) or _counted(scan)
        if not piece:
            scan.place = before
            break
        found += piece
        if scan.text() == "and" and scan.text(1) == "a" and scan.text(2) == "half":  # an hour and a half
            found.append((HALF, piece[-1][1]))
            scan.skip(3)
    span = _sum(found)
    if span is None:
        scan.place = start
    return span


def _glued(scan: Scanner) -> list[Amount]:
    """Read `90m`, `1h30m`, `1h30`."""
    matched = GLUED.fullmatch(scan.text())
    if matched is None:
        return []
    if matched[3]:
        scan.skip()
        return [(Fraction(int(matched[3])), "hours"), (Fraction(int(matched[4])), "minutes")]
    pieces = PIECE.findall(scan.text())
    if any(unit not in UNITS for _, unit in pieces):
        return []
    scan.skip()
    return [(_number(number), UNITS[unit]) for number, unit in pieces]


def _counted(scan: Scanner) -> list[Amount]:
    """Read `2 days`, `an hour`, `half an hour`, `a couple of hours`, `two and a half hours`."""
    start = scan.place
    amount = _amount(scan)
    if amount is not None:
        if scan.take("and", "a", "half"):
            amount += HALF
        elif scan.text() in ("working", "business") and scan.text(1) in ("day", "days"):
            scan.skip(2)
            return [(amount, "workdays")]
        unit = UNITS.get(scan.text())
        if unit:
            scan.skip()
            return [(amount, unit)]
    scan.place = start
    return []


def _amount(scan: Scanner) -> Fraction | None:
    if scan.take("half", "an") or scan.take("half", "a"):
        return HALF
    if scan.take("a", "couple", "of") or scan.take("a", "couple"):
        return Fraction(2)
    if scan.take("a", "quarter", "of", "an"):
        return HALF / 2
    if scan.take("a") or scan.take("an"):
        return Fraction(1)
    word = scan.text()
    if word in NUMBERS:
        scan.skip()
        return Fraction(NUMBERS[word])
    if NUMBER.fullmatch(word):
        scan.skip()
        return _number(word)
    return None


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))


def _sum(amounts: list[Amount]) -> Span | None:
    """Return the whole; None where there is nothing, one unit twice over, or a part of a day or minute."""
    units = [unit for _, unit in amounts]
    halves = [amount for amount, _ in amounts if amount == HALF]
    if not amounts or len(set(units)) + len(halves) < len(units):
        return None
    whole = {"months": Fraction(0), "days": Fraction(0), "workdays": Fraction(0), "minutes": Fraction(0)}
    for amount, unit in amounts:
        if unit in MINUTES_OF:
            whole["minutes"] += amount * MINUTES_OF[unit]
        elif unit == "years":
            whole["months"] += amount * MONTHS_OF_YEAR
        elif unit in DAYS_OF:
            whole["days"] += amount * DAYS_OF[unit]
        else:
            whole[unit] += amount
    if any(amount.denominator != 1 for amount in whole.values()):
        return None
    weeks = all(unit in ("weeks", "fortnights") for unit in units)
    return Span(**{name: int(amount) for name, amount in whole.items()}, whole_weeks=weeks)


def take_length(scan: Scanner, phrase: Phrase, read: Callable[[Scanner], Span | None] = read_span) -> bool:
    """Read how long the meeting is, with or without `for`. Raises Unreadable for a length that no meeting has."""
    start = scan.place
    said_for = scan.take("for")
    span = read(scan)
    if span is None:
        scan.place = start
        if said_for:
            raise Unreadable(clue("length_unclear", word=scan.typed(2)))
        return False
    typed = " ".join(token.typed for token in scan.words[start : scan.place])
    if phrase.minutes is not None:
        raise Unreadable(clue("said_twice", word=typed, first=phrase.words["length"]))
    if not span.only_minutes and not said_for:
        raise Unreadable(clue("distance_alone", word=typed))
    if not span.only_minutes or not SHORTEST_MIN <= span.minutes <= LONGEST_MIN:
        raise Unreadable(clue("no_such_length", word=typed, shortest=SHORTEST_MIN, longest=LONGEST_MIN))
    phrase.minutes = span.minutes
    phrase.words["length"] = typed
    return True
