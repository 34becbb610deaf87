"""Times of day: 10:00, 10am, 10h30, 1430, noon, half past nine, 10:00-10:45."""

import re
from dataclasses import dataclass

from bot.domain.clues import clue
from bot.domain.meetings.phrase import Clock, Phrase
from bot.domain.meetings.slot import Unreadable
from bot.domain.meetings.spans import LONGEST_MIN, SHORTEST_MIN
from bot.domain.meetings.tokens import Scanner
from bot.domain.meetings.words import JOINS, NUMBERS, UNITS

HALVES = {"am": "am", "pm": "pm", "a": "am", "p": "pm"}
COLON = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00(?:\.0+)?)?(am|pm|a|p)?(?:h|hrs)?")
DOT = re.compile(r"([0-9]{1,2})\.([0-9]{2})(am|pm|a|p)?(?:h|hrs)?")
HOUR = re.compile(r"([0-9]{1,2})(am|pm|a|p)")
WITH_H = re.compile(r"([0-9]{1,2})h([0-9]{2})?")
FOUR = re.compile(r"([0-9]{1,2})([0-9]{2})(am|pm|h|hrs)?")
BARE = re.compile(r"[0-9]{1,2}")
FIRST_SURE_HOUR = 8
"""Of hours below it, with neither am nor pm, one half of the day is as likely as the other."""
NOON, DAY_MIN = 12, 24 * 60
OVER_MIDNIGHT_MIN = 120


@dataclass(frozen=True, kw_only=True)
class Face:
    """What stands there: an hour, and which half of the day it says (am, pm, or nothing). `sure`: written as of 24 hours."""

    hour: int
    minute: int = 0
    half: str = ""
    sure: bool = False
    typed: str = ""
    midnight: bool = False

    @property
    def of_twelve(self) -> bool:
        return not self.half and not self.sure and 1 <= self.hour <= NOON

    def clock(self) -> Clock:
        """Return it as of 24 hours. Raises Unreadable for 25:00, 13pm and the like."""
        if self.minute > 59 or (self.half and not 1 <= self.hour <= NOON) or self.hour > 23:
            raise Unreadable(clue("no_such_time", word=self.typed))
        hour = self.hour % NOON + (NOON if self.half == "pm" else 0) if self.half else self.hour
        open_half = self.of_twelve and hour < FIRST_SURE_HOUR
        return Clock(hour=hour, minute=self.minute, open_half=open_half, midnight=self.midnight)


def take_clock(scan: Scanner, phrase: Phrase, *, bare: bool) -> bool:
    """Read a time, and the end of a range with it. `bare`: a number alone is an hour here. Raises Unreadable."""
    start = scan.place
    face = _face(scan, bare=bare)
    if face is None:
        return False
    if scan.text() in JOINS:
        joint = scan.place
        glued_range = scan.words[joint].glued
        scan.skip()
        end = _face(scan, bare=True)
        said_from = start > 0 and scan.words[start - 1].text == "from"
        ten_to_eleven = scan.words[joint].text == "to" and BARE.fullmatch(face.typed) and not said_from
        if end is None or ten_to_eleven:
            raise Unreadable(clue("range_unclear", word=scan.words[joint - 1].typed))
        if glued_range and phrase.iso_day and end.hour <= NOON and not end.half:
            raise Unreadable(clue("range_or_offset", word=scan.words[joint].typed))
        typed = _typed(scan, start)
        face, minutes = _length(face, end, typed)
        if phrase.minutes is not None:
            raise Unreadable(clue("said_twice", word=typed, first=phrase.words["length"]))
        phrase.minutes = minutes
        phrase.words["length"] = typed
    set_clock(phrase, face.clock(), _typed(scan, start))
    phrase.half_said = not face.of_twelve
    return True


def set_clock(phrase: Phrase, clock: Clock, typed: str) -> None:
    """Raises Unreadable where a time was said already."""
    if phrase.clock is not None:
        raise Unreadable(clue("said_twice", word=typed, first=phrase.words["clock"]))
    phrase.clock = clock
    phrase.words["clock"] = typed


def _typed(scan: Scanner, start: int) -> str:
    return " ".join(token.typed for token in scan.words[start : scan.place] if not token.glued)


def _face(scan: Scanner, *, bare: bool) -> Face | None:
    start = scan.place
    face = _named(scan) or _past_or_to(scan) or _figures(scan, bare=bare)
    if face is None:
        scan.place = start
    return face


def _named(scan: Scanner) -> Face | None:
    typed = scan.typed()
    if scan.take("noon") or scan.take("midday") or scan.take("12", "noon"):
        return Face(hour=NOON, sure=True, typed=typed)
    if scan.take("midnight") or scan.take("12", "midnight"):
        return Face(hour=0, sure=True, typed=typed, midnight=True)
    return None


def _past_or_to(scan: Scanner) -> Face | None:
    """Read `half past nine`, `quarter to 10`, `ten past 9`; not `10 to 11`, which may be an hour's meeting."""
    start = scan.place
    scan.take("a")
    minutes = {"half": 30, "quarter": 15}.get(scan.text()) or _number(scan.text())
    if minutes is None or scan.text(1) not in ("past", "to") or minutes > 30:
        scan.place = start
        return None
    to = scan.text(1) == "to"
    glued = HOUR.fullmatch(scan.text(2))  # half past 9am
    hour = int(glued[1]) if glued else _number(scan.text(2))
    if hour is None or (to and scan.text() != "quarter"):
        scan.place = start
        return None
    scan.skip(3)
    typed = _typed(scan, start)
    half = HALVES[glued[2]] if glued else _half(scan)
    total = hour * 60 + (-minutes if to else minutes)
    return Face(hour=total // 60 % 24, minute=total % 60, half=half, typed=typed) if hour <= 23 else None


def _figures(scan: Scanner, *, bare: bool) -> Face | None:
    word, typed = scan.text(), scan.typed()
    if matched := COLON.fullmatch(word) or DOT.fullmatch(word) or FOUR.fullmatch(word):
        four = matched.re is FOUR
        scan.skip()
        half = HALVES.get(matched[3] or "", "") or _half(scan)
        if four and not (
            half or (len(word) >= 4 and (bare or word.endswith(("h", "hrs")) or scan.take("hours")))
        ):
            return None
        sure = four or word.startswith("0")
        return Face(
            hour=int(matched[1]), minute=int(matched[2]), half=half, sure=sure and not half, typed=typed
        )
    if matched := HOUR.fullmatch(word):
        scan.skip()
        return Face(hour=int(matched[1]), half=HALVES[matched[2]], typed=typed)
    said_at = scan.text(-1) == "at"
    if (matched := WITH_H.fullmatch(word)) and (
        said_at or (matched[2] and int(matched[1]) >= FIRST_SURE_HOUR)
    ):
        scan.skip()
        return Face(hour=int(matched[1]), minute=int(matched[2] or 0), sure=True, typed=typed)
    return _bare(scan, bare=bare)


def _bare(scan: Scanner, *, bare: bool) -> Face | None:
    word, typed = scan.text(), scan.typed()
    hour = _number(word)
    counts = scan.text(1) in UNITS and not (scan.text(1) == "day" and scan.text(2) == "after")
    if hour is None or counts:
        return None
    scan.skip()
    oclock = scan.take("o'clock") or scan.take("oclock")
    half = _half(scan)
    if not (bare or half or oclock):
        return None
    return Face(hour=hour, half=half, sure=word.startswith("0"), typed=typed)


def _half(scan: Scanner) -> str:
    half = scan.text()
    if half not in ("am", "pm"):
        return ""
    scan.skip()
    return half


def _number(word: str) -> int | None:
    return int(word) if BARE.fullmatch(word) else NUMBERS.get(word)


def _length(start: Face, end: Face, typed: str) -> tuple[Face, int]:
    """Return the start, its half of the day settled by the end's, and the minutes between.

    Raises Unreadable where the end is not after the start, or too far away.
    """
    first, last = start.clock(), end.clock()
    begin, finish = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    if end.half and start.of_twelve:
        begin = max((start.hour % NOON * 60 + start.minute + half for half in (0, DAY_MIN // 2)
                     if start.hour % NOON * 60 + start.minute + half < finish), default=begin)  # fmt: skip
        start = Face(hour=begin // 60, minute=start.minute, sure=True, typed=start.typed)
    elif end.of_twelve and (start.half or finish <= begin):
        finish = end.hour % NOON * 60 + end.minute
        while finish <= begin:
            finish += DAY_MIN // 2
    minutes = finish - begin
    if minutes < 0 and minutes + DAY_MIN <= OVER_MIDNIGHT_MIN:
        minutes += DAY_MIN
    if not SHORTEST_MIN <= minutes <= LONGEST_MIN:
        raise Unreadable(clue("range_unclear", word=typed))
    return start, minutes
