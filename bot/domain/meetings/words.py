"""The words that the grammar knows. One that may mean several things is not here, or is in VAGUE."""

from collections.abc import Mapping
from difflib import get_close_matches

WEEKDAYS: Mapping[str, int] = {
    **dict.fromkeys(("monday", "mon"), 0),
    **dict.fromkeys(("tuesday", "tues", "tue"), 1),
    **dict.fromkeys(("wednesday", "weds", "wed"), 2),
    **dict.fromkeys(("thursday", "thurs", "thur", "thu"), 3),
    **dict.fromkeys(("friday", "fri"), 4),
    **dict.fromkeys(("saturday", "sat"), 5),
    **dict.fromkeys(("sunday", "sun"), 6),
}
MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1
    )
    for name in names.split()
}  # fmt: skip
DAYS: Mapping[str, int] = {
    "today": 0,
    **dict.fromkeys(("tomorrow", "tmrw", "tmr", "tmw", "tomo", "2moro", "2morrow", "2mrw"), 1),
    "overmorrow": 2,
}
GONE = frozenset(("yesterday", "ago", "last", "previous", "past"))
"""Words of what is over: no meeting can be booked there. (`half past nine` is read before.)"""
NUMBERS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50,
    "sixty": 60, "ninety": 90,
}  # fmt: skip
PARTS: Mapping[str, str] = {
    "morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "night", "tonight": "tonight",
}  # fmt: skip
UNITS: Mapping[str, str] = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hours"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "weeks"),
    **dict.fromkeys(("fortnight", "fortnights"), "fortnights"),
    **dict.fromkeys(("month", "months"), "months"),
    **dict.fromkeys(("year", "years"), "years"),
    **dict.fromkeys(("workday", "workdays", "weekdays"), "workdays"),
}
VAGUE = frozenset(
    ("eow", "eod", "eom", "cob", "end", "soon", "later", "sometime", "weekend", "asap", "now", "lunch", "lunchtime",
     "early", "late", "around", "about", "before", "after", "by", "ish", "month", "fortnightly", "anytime", "whenever")
)  # fmt: skip
"""Understood, and no moment."""
FILLERS = frozenset(("on", "at", "the", "of", "please", "pls", "plz"))
JOINS = frozenset(("-", "to", "until", "till", "til"))
LATER = (
    "from", "next", "this", "coming", "upcoming", "week", "noon", "midday", "midnight", "half", "quarter", "hour",
    "hours", "minutes", "days", "weeks", "local", "time",
)  # fmt: skip
KNOWN = (*WEEKDAYS, *MONTHS, *DAYS, *NUMBERS, *PARTS, *LATER)
FOREIGN: Mapping[str, str] = {
    "morgen": "tomorrow",
    "heute": "today",
    "übermorgen": "overmorrow",
    "mañana": "tomorrow",
}
"""Words that resemble one of ours and mean another, or are wanted often."""
SHORTEST_TYPO = 4


def nearest(word: str) -> str:
    """Return the word that was probably meant, or nothing."""
    if word in FOREIGN:
        return FOREIGN[word]
    if len(word) < SHORTEST_TYPO or not word.isalpha():
        return ""
    return next((near for near in get_close_matches(word, KNOWN, n=1, cutoff=0.75) if near != word), "")
