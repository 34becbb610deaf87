"""When to meet, in words: the echo of a slot, a question and its answers, a refusal with what to type instead."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.clues import Clue, Fact
from bot.domain.meetings.slot import Answer, Ask, Option, Slot
from bot.domain.messages import Line, code, flat, say

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
LONGEST_WORD = 80
EXAMPLE = "tomorrow 10:00"

# --- a slot


def moment(slot: Slot) -> str:
    """Return `Tuesday 24 November 2026, 10:00–10:45 Europe/Berlin (09:00 UTC)`."""
    start, end, there = slot.start, slot.end, slot.start.astimezone(UTC)
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%H:%M} ({WEEKDAYS[end.weekday()]})"
    shown = f"{_long_day(start)}, {start:%H:%M}–{until} {slot.zone}"
    if start.utcoffset() == timedelta(0):
        return shown
    utc = f"{there:%H:%M}" if there.date() == start.date() else f"{WEEKDAYS[there.weekday()]} {there:%H:%M}"
    return f"{shown} ({utc} UTC)"


def distance(slot: Slot, *, now: datetime) -> str:
    """Return `in 25 min`, `in 29 h`, `in 12 days`."""
    minutes = round((slot.start.astimezone(UTC) - now.astimezone(UTC)) / timedelta(minutes=1))
    if minutes < 100:
        return f"in {minutes} min"
    hours = round(minutes / 60)
    return f"in {hours} h" if hours < 72 else f"in {round(hours / 24)} days"


def label(option: Option) -> str:
    """Return an answer in short, for a button: `Tue 24 Nov, 10:00`; a time that exists twice says its offset."""
    start = option.slot.start
    offset = f" (UTC{start:%z})" if "T" in option.text.partition(" ")[0] else ""
    return f"{WEEKDAYS[start.weekday()][:3]} {start.day} {MONTHS[start.month - 1][:3]}, {start:%H:%M}{offset}"


def _long_day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def _day(fact: Fact) -> str:
    """Return an ISO date as people say it."""
    return _long_day(date.fromisoformat(str(fact)[:10]))


# --- a question

QUESTIONS: Mapping[str, Callable[[str], Line]] = {
    "when_missing": lambda _: say("When?"),
    "time_missing": lambda word: say("At what time", *_named(word, " (", ")"), "?"),
    "which_day": lambda word: say("Which day do you mean", *_named(word, " by "), "?"),
    "am_or_pm": lambda word: say("In the morning or in the afternoon", *_named(word, ": "), "?"),
    "which_midnight": lambda word: say("The midnight that begins the day, or the one that ends it", *_named(word, ": "), "?"),
    "which_of_two": lambda word: say("Clocks go back then, so there are two", *_named(word, " "), ". Which one?"),
    "which_zone": lambda word: say("Several zones are called", *_named(word, " "), ". Which one?"),
    "zone_season": lambda word: say(
        "That day the clock there does not go by", *_named(word, " "), ". The time there, or literally that far from UTC?"
    ),
}  # fmt: skip


def question(ask: Ask) -> Line:
    """Return what a person is asked; the answers are buttons or, in a terminal, `option.text`."""
    words = QUESTIONS.get(ask.code)
    return words(ask.word) if words else say(f"{ask.code.replace('_', ' ')}?")


def _named(word: str, before: str, after: str = "") -> Line:
    return say(before, code(_short(word)), after) if word else ()


# --- a refusal

Words = Callable[[Mapping[str, Fact]], Line]
REFUSALS: Mapping[str, Words] = {
    "too_long": lambda it: say(f"That is {it['length']} characters; I read {it['most']}. Say it shorter."),
    "unknown_word": lambda it: say("I do not understand ", _word(it), ".", *_nearest(it), *_otherwise(it)),
    "unknown_zone": lambda it: say("I know no time zone ", _word(it), ".", *_nearest(it), *_zone_example(it)),
    "number_alone": lambda it: say(_word(it), " alone can be many things. An hour is ", code("at 10"), " or ", code("10:00"), "."),
    "too_vague": lambda it: say(_word(it), " is no clock time. Say a day and a time: ", code(EXAMPLE), "."),
    "over": lambda it: say(_word(it), " is over. A meeting needs a time to come: ", code(EXAMPLE), "."),
    "past": lambda it: say(f"{_at(it)} is over. A meeting needs a time to come."),
    "too_far": lambda it: say(_at(it), " is more than a year away. I book a year ahead at most."),
    "just_over": lambda it: say(
        f"{_day(it['at'])} is just over. If you mean next year: ", code(str(it["next"])), "."
    ),
    "said_twice": lambda it: say(
        "I have ", code(_short(str(it["first"]))), " already; what is ", _word(it), " there? One of them is too much."
    ),
    "contradicts": lambda it: say(_word(it), " is not in ", code(_short(str(it["first"]))), ". Leave one of them out."),
    "weekday_mismatch": lambda it: say(f"{_day(it['at'])} is no ", _word(it), ". Leave one of them out."),
    "no_such_date": lambda it: say("There is no ", _word(it), _in_month(it), "."),
    "no_such_time": lambda it: say("There is no time ", _word(it), ". I read ", code("14:30"), " and ", code("2:30pm"), "."),
    "no_such_length": lambda it: say(
        _word(it), f" is no length of a meeting: {it['shortest']} minutes to {int(str(it['longest'])) // 60} hours."
    ),
    "length_unclear": lambda it: say("How long is ", _word(it), "? Write ", code("for 45m"), " or ", code("for 1h30"), "."),
    "distance_alone": lambda it: say(
        "Is ", _word(it), " when, or how long? Write ", code(f"in {_short(str(it['word']))}"), " for when."
    ),
    "distance_mixed": lambda it: say(
        "Is all of ",
        _word(it),
        " when, or does the end say how long? Put ",
        code("and"),
        " or ",
        code("for"),
        " in between.",
    ),
    "range_unclear": lambda it: say("From when to when is ", _word(it), "? Write ", code("10:00-10:45"), "."),
    "range_or_offset": lambda it: say(
        _word(it), " may be the end or a zone. Write ", code("10:00 to 11:00"), ", or ", code("10:00 UTC-8"), "."
    ),
    "hour_or_day": lambda it: say(
        _word(it), " may be an hour or a date. Write ", code(f"at {it['number']}"), ", or the month as well."
    ),
    "day_missing": lambda it: say("Which day of ", _word(it), "? Write ", code("1 dec 10:00"), "."),
    "ambiguous_numeric": lambda it: say(_word(it), " can be read in two ways. ", *_two_ways(it)),
    "offset_contradicts": lambda it: say("Clocks in ", code(str(it["zone"])), " are not at ", _word(it), " then."),
    "gap": lambda it: say(
        f"There is no {it['at']} on {_day(it['day'])} in {it['zone']}: clocks jump from {it['last']} to {it['first']}."
    ),
    "person_here": lambda it: say("People come with ", code("/hang review"), ": ", _word(it), " is no part of a date."),
    "person_unclear": lambda it: say("With whom is ", _word(it), "? Write people with an @: ", code("with @ben"), "."),
}  # fmt: skip


def refused(why: Clue) -> Line:
    """Return why a phrase was not taken, and what to type instead."""
    words = REFUSALS.get(why.code)
    return words(why.facts) if words else say(f"{why.code.replace('_', ' ')}.")


def _short(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"


def _word(facts: Mapping[str, Fact]) -> Any:
    return code(_short(str(facts["word"])))


def _nearest(facts: Mapping[str, Fact]) -> Line:
    near = facts.get("nearest")
    return say(" Did you mean ", code(str(near)), "?") if near else ()


def _otherwise(facts: Mapping[str, Fact]) -> Line:
    return (
        ()
        if facts.get("nearest")
        else say(" I read ", code(EXAMPLE), ", ", code("tue 14:30"), ", ", code("in 2 days at 9"), ".")
    )


def _zone_example(facts: Mapping[str, Fact]) -> Line:
    return (
        ()
        if facts.get("nearest")
        else say(" Write it like ", code("Europe/Berlin"), " or ", code("UTC+2"), ".")
    )


def _at(facts: Mapping[str, Fact]) -> str:
    at = str(facts.get("at", ""))
    if not at:
        return _short(str(facts["word"]))
    return f"{_day(at)}{', ' + at[11:] if len(at) > 10 else ''}{' ' + str(facts['zone']) if facts.get('zone') else ''}"


def _in_month(facts: Mapping[str, Fact]) -> str:
    found = str(facts.get("in_month") or "")
    year, _, month = found.partition("-")
    return f" in {MONTHS[int(month) - 1]} {year}" if found and 1 <= int(month) <= len(MONTHS) else ""


def _two_ways(facts: Mapping[str, Fact]) -> Line:
    if not facts.get("one"):
        return say("Write a date like ", code("10 dec"), " and a time like ", code("10:12"), ".")
    return say("Write ", *(_iso(facts["one"])), " or ", *(_iso(facts["other"])), ".")


def _iso(fact: Fact) -> Line:
    """Return a date that can be typed: with its year in ISO, else with the month's name."""
    text = str(fact)
    if len(text) > len("12-31"):
        return say(code(text))
    month, _, day = text.partition("-")
    return say(code(f"{int(day)} {MONTHS[int(month) - 1][:3].lower()}"))


# --- doubts

CONCERNS: Mapping[str, Words] = {
    "starts_soon": lambda it: say(f"It starts in {it['minutes']} min."),
    "weekend": lambda it: say(f"{_day(it['day']).split()[0]} is a weekend."),
    "day_off": lambda it: say(f"{_day(it['day']).split()[0]} there: no working day for {it['who']} ({it['at']} {_city(it)})."),
    "outside_hours": lambda it: say(f"{it['at']} for {it['who']} ({_city(it)}): outside working hours."),
}  # fmt: skip


def concern(doubt: Clue) -> Line:
    """Return a doubt about a slot in words."""
    words = CONCERNS.get(doubt.code)
    return words(doubt.facts) if words else say(f"{doubt.code.replace('_', ' ')}.")


def _city(facts: Mapping[str, Fact]) -> str:
    return str(facts["zone"]).rpartition("/")[2].replace("_", " ")


# --- all of it


def document(answer: Answer) -> dict[str, Any]:
    """Return what `hangbot when --json` prints."""
    if isinstance(answer, Slot):
        return {"start": answer.start.isoformat(), "zone": answer.zone, "minutes": answer.minutes}
    if isinstance(answer, Ask):
        return {"ask": flat(question(answer)), "options": [option.text for option in answer.options]}
    return {"refused": flat(refused(answer.clue))}


def text(answer: Answer) -> str:
    """Return an answer for a terminal."""
    if isinstance(answer, Slot):
        return moment(answer)
    if isinstance(answer, Ask):
        return "\n".join((flat(question(answer)), *(f"  {option.text}" for option in answer.options)))
    return flat(refused(answer.clue))
