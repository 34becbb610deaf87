"""Which times of day a phrase may mean, and which are offered where none was said."""

from collections.abc import Mapping
from datetime import time

from bot.domain.clues import clue
from bot.domain.meetings.phrase import Clock, Phrase
from bot.domain.meetings.slot import Unreadable

OFFERED = (time(9), time(10), time(11), time(14), time(15))
OFFERED_IN: Mapping[str, tuple[time, ...]] = {
    "morning": (time(9),),
    "afternoon": (time(13), time(14), time(15), time(16)),
    "evening": (time(17), time(18), time(19), time(20)),
    "night": (time(18), time(19), time(20), time(21)),
    "tonight": (time(18), time(19), time(20), time(21)),
}
HOURS_OF: Mapping[str, range] = {
    "morning": range(5, 12),
    "afternoon": range(12, 18),
    "evening": range(16, 24),
    "night": range(18, 24),
    "tonight": range(17, 24),
}
NOON = 12


def possible_times(phrase: Phrase) -> tuple[time, ...]:
    """Return the times of day that may be meant; none where none was said. Raises Unreadable: morning at 21:00."""
    clock = phrase.clock
    if phrase.part is None:
        if clock is None:
            return ()
        halves = (0, NOON) if clock.open_half else (0,)
        return tuple(time(clock.hour + half, clock.minute) for half in halves)
    if clock is None:
        return OFFERED_IN["morning"] if phrase.part == "morning" else ()
    if clock.midnight and phrase.part in ("night", "tonight"):
        return (time(0),)
    found = _within(clock, HOURS_OF[phrase.part], said_half=phrase.half_said)
    if found is None:
        raise Unreadable(clue("contradicts", word=phrase.words["clock"], first=phrase.words["part"]))
    return (found,)


def _within(clock: Clock, hours: range, *, said_half: bool) -> time | None:
    """Return the one reading of a clock that lies in a part of the day."""
    halves = (0,) if said_half or clock.hour >= NOON else (0, NOON)
    found = [clock.hour + half for half in halves if clock.hour + half in hours]
    return time(found[0], clock.minute) if len(found) == 1 else None
