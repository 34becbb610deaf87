"""Words made into a phrase: every one is read, or the first that is not is named."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.domain.clues import clue
from bot.domain.meetings import words
from bot.domain.meetings.clock_times import set_clock, take_clock
from bot.domain.meetings.dates import take_day, take_stamp
from bot.domain.meetings.phrase import CalendarDay, Clock, Phrase, RelativeDay, Span
from bot.domain.meetings.slot import Unreadable
from bot.domain.meetings.spans import read_span, take_length
from bot.domain.meetings.tokens import Scanner, Token
from bot.domain.meetings.zones import FULL_OFFSET, take_offset, take_zone

LAST_HOUR, LAST_DAY = 23, 31
HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")


class _Parser:
    """`expects_hour`: after `at` and `tomorrow` a bare number is an hour; after `fri` it may be one."""

    def __init__(self, tokens: Sequence[Token], own: ZoneInfo, month_first: bool | None) -> None:
        self.scan = Scanner(tokens)
        self.phrase = Phrase()
        self.own = own
        self.month_first = month_first
        self.expects_hour = False
        self.after_weekday = False

    def parse(self) -> Phrase:
        while self.scan:
            if not (
                self.filler()
                or self.clock_first()
                or self.shift()
                or self.day()
                or self.part()
                or self.time()
                or self.length()
                or self.zone()
            ):
                self.refuse()
        self.settle_dotted()
        return self.phrase

    def then(self, *, hour: bool = False, weekday: bool = False) -> bool:
        """Remember what may follow what was just read."""
        self.expects_hour, self.after_weekday = hour, weekday
        return True

    def filler(self) -> bool:
        word = self.scan.text()
        if word == "from" and (self.scan.text(1)[:1].isdigit() or self.scan.text(1) in words.NUMBERS):
            self.scan.skip()
            return self.then(hour=True)
        if word not in words.FILLERS or (word == "at" and self.scan.text(1) == "night"):
            return False
        self.scan.skip()
        if word == "at":
            return self.then(hour=True)
        if word in ("on", "of"):
            return self.then()
        return True

    def clock_first(self) -> bool:
        """Read a time where an hour is due: `at 10 dec 1` begins with ten o'clock."""
        if take_stamp(self.scan, self.phrase):
            return self.then()
        if not self.expects_hour or (
            self.scan.text(1) in words.MONTHS and self.scan.text(-1) not in ("at", "from")
        ):
            return False
        if (found := HOURS.fullmatch(self.scan.text())) and self.scan.text(1) not in words.MONTHS:
            place, typed = self.scan.place, self.scan.typed()
            parts = [Token(text=found[1], typed=typed), Token(text="-", typed=typed, glued=True),
                     Token(text=found[2], typed=typed, glued=True)]  # fmt: skip
            self.scan.words = (*self.scan.words[:place], *parts, *self.scan.words[place + 1 :])
        return self.time(bare=True)

    def time(self, *, bare: bool = False) -> bool:
        text = self.scan.text()
        counts = self.scan.text(1) in words.UNITS  # `fri 30 min`
        if self.after_weekday and text.isdigit() and not counts and LAST_HOUR < int(text) <= LAST_DAY:
            word = f"{self.phrase.words['weekday']} {text}"
            raise Unreadable(clue("hour_or_day", word=word, number=int(text)))
        if not take_clock(self.scan, self.phrase, bare=bare or self.after_weekday):
            return False
        typed = self.phrase.words["clock"]
        if self.after_weekday and typed.isdigit() and len(typed) <= 2:
            self.phrase.loose_number = int(typed)
        return self.then()

    def shift(self) -> bool:
        """Read `in 2 days`, `an hour from now`, `two weeks from tuesday`."""
        start = self.scan.place
        said_in = self.scan.take("in")
        span = read_span(self.scan)
        if (
            self.scan.text() == "next"
            and self.scan.text(2) == "day"
            and self.scan.text(1) in ("working", "business")
        ):
            self.scan.skip(3)
            span, said_in = Span(workdays=1), True
        if span is None:
            self.scan.place = start
            return False
        typed = " ".join(token.typed for token in self.scan.words[start : self.scan.place])
        loose = len(typed.split()) > len(["in", "2", "days"]) and " and " not in f" {typed.lower()} "
        if span.minutes and not span.only_minutes and loose:
            raise Unreadable(clue("distance_mixed", word=typed))
        anchored = False
        if self.scan.take("from"):
            if not (self.scan.take("now") or self.scan.take("today")):
                before = (self.phrase.day, self.phrase.weekday)
                self.scan.take("the")
                known = any(part is not None for part in before)
                if known or not take_day(self.scan, self.phrase, month_first=self.month_first):
                    self.refuse()
                anchored = True
        elif not said_in:
            self.scan.place = start
            return False
        if self.phrase.shift is not None:
            raise Unreadable(clue("said_twice", word=typed, first=self.phrase.words["shift"]))
        self.phrase.shift, self.phrase.anchored = span, anchored
        self.phrase.words["shift"] = typed
        return self.then()

    def day(self) -> bool:
        named = self.phrase.weekday
        if not take_day(self.scan, self.phrase, month_first=self.month_first):
            return False
        relative = isinstance(self.phrase.day, RelativeDay) and self.phrase.weekday is named
        return self.then(hour=relative, weekday=self.phrase.weekday is not named)

    def part(self) -> bool:
        """Read `morning`, `this evening`, `in the afternoon`, `at night`, `tonight`."""
        start = self.scan.place
        this = self.scan.take("this")
        if not this and not self.scan.take("in", "the"):
            self.scan.take("at")
        name = words.PARTS.get(self.scan.text())
        if name is None:
            self.scan.place = start
            return False
        typed = " ".join(token.typed for token in self.scan.words[start : self.scan.place + 1])
        if self.phrase.part is not None:
            raise Unreadable(clue("said_twice", word=typed, first=self.phrase.words["part"]))
        self.phrase.part, self.phrase.this_part = name, this
        self.phrase.words["part"] = typed
        self.scan.skip()
        return self.then(hour=True)

    def length(self) -> bool:
        return take_length(self.scan, self.phrase) and self.then()

    def zone(self) -> bool:
        start, phrase = self.scan.place, self.phrase
        self.refuse_range_or_offset()
        offset = take_offset(self.scan, after_clock=phrase.clock is not None)
        zone = None if offset is not None else take_zone(self.scan, self.own)
        if offset is None and zone is None:
            return False
        typed = " ".join(token.typed for token in self.scan.words[start : self.scan.place])
        if (zone is not None and phrase.zone is not None) or (
            offset is not None and phrase.offset is not None
        ):
            raise Unreadable(clue("said_twice", word=typed, first=phrase.words["zone"]))
        phrase.zone, phrase.offset = zone or phrase.zone, phrase.offset if offset is None else offset
        phrase.words["zone"] = typed
        return self.then()

    def refuse_range_or_offset(self) -> None:
        """`10:00 -11:00` is an hour, `10:00 -08:00` is Pacific time; where both make sense nobody can tell."""
        word, clock = self.scan.text(), self.phrase.clock
        if clock is None or not word.startswith("-") or not FULL_OFFSET.fullmatch(word):
            return
        if int(word[1:3]) * 60 + int(word[-2:]) > clock.hour * 60 + clock.minute:
            raise Unreadable(clue("range_or_offset", word=self.scan.typed()))

    def settle_dotted(self) -> None:
        """Decide whether 10.12 was a time or a date, by what else was said."""
        for first, second, typed in self.phrase.dotted:
            if self.phrase.names_day and self.phrase.clock is None:
                sure = typed.startswith("0")
                set_clock(
                    self.phrase,
                    Clock(hour=first, minute=second, open_half=not sure and 1 <= first < 8),
                    typed,
                )
            elif self.phrase.day is None and self.phrase.clock is not None:
                self.phrase.day = CalendarDay(day=first, month=second)
                self.phrase.words["day"] = typed
            else:
                raise Unreadable(clue("ambiguous_numeric", word=typed, one="", other=""))

    def refuse(self) -> None:
        """Name the word that nobody can read here. Always raises Unreadable."""
        scan = self.scan
        word, typed = scan.text(), scan.typed()
        if word in ("in", "for", "from", "this", "next", "coming", "with") and scan.text(1):
            word, typed = (word if word == "with" else scan.text(1)), scan.typed(2)
        if word in words.GONE:
            raise Unreadable(clue("over", word=typed))
        if word in words.VAGUE:
            raise Unreadable(clue("too_vague", word=typed))
        if word == "with" or word.startswith("@"):
            raise Unreadable(clue("person_here", word=typed))
        if not word or word[:1].isdigit() or word in words.NUMBERS:
            raise Unreadable(
                clue(
                    "number_alone" if re.fullmatch(r"\d{1,4}", word) else "unknown_word",
                    word=typed,
                    nearest="",
                )
            )
        raise Unreadable(clue("unknown_word", word=typed, nearest=words.nearest(word)))


def parse(tokens: Sequence[Token], *, own: ZoneInfo, month_first: bool | None) -> Phrase:
    """Return what was said. Raises Unreadable with the word that could not be read."""
    return _Parser(tokens, own, month_first).parse()
