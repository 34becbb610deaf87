"""Zones as people write them: Europe/Berlin, berlin, UTC+2, PST."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.domain.clues import clue
from bot.domain.meetings.phrase import ZoneWord
from bot.domain.meetings.slot import Unreadable
from bot.domain.meetings.tokens import Scanner

REGIONS = frozenset(
    ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "Arctic")
)  # fmt: skip
NOT_CITIES = frozenset(
    (
        # words
        "act", "center", "christmas", "easter", "general", "lhi", "midway", "nome", "north", "nsw", "oral", "resolute", "reunion",
        "south", "troll", "virgin", "wake", "west",
        # people
        "casey", "currie", "davis", "dawson", "johnston", "knox", "palmer", "perry", "regina", "stanley", "victoria",
        # another place of that name is better known
        "cordoba", "jersey", "la rioja", "merida", "petersburg", "samoa", "san juan", "san luis", "santarem",
    )
)  # fmt: skip
"""Names that more often mean something else."""
NICKNAMES: Mapping[str, str] = {
    "nyc": "America/New_York", "sf": "America/Los_Angeles", "san francisco": "America/Los_Angeles", "uk": "Europe/London",
    "india": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "mumbai": "Asia/Kolkata",
}  # fmt: skip
ABBREVIATIONS: Mapping[str, tuple[str, ...]] = {
    "gmt": ("UTC",), "utc": ("UTC",), "z": ("UTC",), "zulu": ("UTC",),
    "pst": ("America/Los_Angeles",), "pdt": ("America/Los_Angeles",), "mst": ("America/Denver",), "mdt": ("America/Denver",),
    "cdt": ("America/Chicago",), "est": ("America/New_York",), "edt": ("America/New_York",),
    "akst": ("America/Anchorage",), "akdt": ("America/Anchorage",), "hst": ("Pacific/Honolulu",),
    "cet": ("Europe/Berlin",), "cest": ("Europe/Berlin",), "eet": ("Europe/Athens",), "eest": ("Europe/Athens",),
    "msk": ("Europe/Moscow",), "sast": ("Africa/Johannesburg",), "pkt": ("Asia/Karachi",), "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",), "sgt": ("Asia/Singapore",), "hkt": ("Asia/Hong_Kong",), "aest": ("Australia/Sydney",),
    "aedt": ("Australia/Sydney",), "awst": ("Australia/Perth",), "acst": ("Australia/Adelaide",),
    "acdt": ("Australia/Adelaide",), "nzst": ("Pacific/Auckland",), "nzdt": ("Pacific/Auckland",),
    "cst": ("America/Chicago", "Asia/Shanghai"), "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "bst": ("Europe/London", "Asia/Dhaka"),
}  # fmt: skip
"""Several: a person must choose, unless their own zone has that abbreviation."""
AUSTRALIAN_TOO = frozenset(("est", "cst", "edt", "cdt"))
SEASONLESS: Mapping[str, str] = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
}  # fmt: skip
OFFSET = re.compile(r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?")
FULL_OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}")
WORLD = (timedelta(hours=-12), timedelta(hours=14))
LONGEST_NAME = 4
MONTH = timedelta(days=30)


@cache
def _names() -> Mapping[str, str]:
    """Return every IANA name by its lower case; `Etc/GMT+2` and the like are left out: their sign is turned round."""
    return {name.lower(): name for name in available_timezones() if not re.search(r"GMT[+-]?\d", name)}


@cache
def _cities() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in sorted(_names().values(), key=lambda name: (len(name), name)):
        region, _, rest = name.partition("/")
        city = rest.rpartition("/")[2].replace("_", " ").lower()
        if region in REGIONS and city not in NOT_CITIES:
            found.setdefault(city, []).append(name)
    return {city: tuple(names) for city, names in found.items()}


def named_zone(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name in any case, or of a city that only one zone is called after."""
    lowered = " ".join(name.lower().split())
    if lowered in ("utc", "gmt", "z"):
        return ZoneInfo("UTC")
    joined = lowered.replace(" ", "_")
    if "/" in joined:
        return _zone(_names().get(joined, ""))
    if lowered in NICKNAMES:
        return _zone(NICKNAMES[lowered])
    return one_clock(_cities().get(lowered.replace("_", " "), ()))


def one_clock(names: Sequence[str]) -> ZoneInfo | None:
    """Return the first of several zones if they all show one clock, else None."""
    zones = [zone for zone in map(_zone, names) if zone is not None]
    if len(zones) > 1 and len({_year(zone) for zone in zones}) > 1:
        return None
    return zones[0] if zones else None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _year(zone: ZoneInfo) -> tuple[timedelta | None, ...]:
    """Return a zone's offsets over a year: two names of one clock have the same."""
    return tuple(
        (datetime(2027, 1, 1, tzinfo=UTC) + number * MONTH / 2).astimezone(zone).utcoffset()
        for number in range(25)
    )


def take_zone(scan: Scanner, own: ZoneInfo) -> ZoneWord | None:
    """Read a zone if one comes next. Raises Unreadable for what looks like one and is none."""
    start = scan.place
    scan.take("in")
    found = _own_time(scan, own) or _abbreviated(scan, own) or _spelt(scan)
    if found is None:
        scan.place = start
        return None
    scan.take("time")
    return found


def _own_time(scan: Scanner, own: ZoneInfo) -> ZoneWord | None:
    if scan.take("my", "time") or scan.take("local", "time"):
        return ZoneWord(zones=(own,))
    return None


def _abbreviated(scan: Scanner, own: ZoneInfo) -> ZoneWord | None:
    word = scan.text()
    if word in SEASONLESS:
        scan.skip()
        return ZoneWord(zones=(ZoneInfo(SEASONLESS[word]),))
    if word not in ABBREVIATIONS:
        return None
    scan.skip()
    if offset_called(own, word) is not None:
        return ZoneWord(zones=(own,), abbreviation=word)
    names = ABBREVIATIONS[word]
    if word in AUSTRALIAN_TOO and own.key.startswith("Australia/"):
        names = (*names, own.key)
    return ZoneWord(zones=tuple(map(ZoneInfo, names)), abbreviation="" if names == ("UTC",) else word)


def _spelt(scan: Scanner) -> ZoneWord | None:
    for count in range(LONGEST_NAME, 0, -1):
        words = [scan.text(ahead) for ahead in range(count)]
        if not all(words):
            continue
        zone = named_zone(" ".join(words))
        if zone is not None:
            scan.skip(count)
            return ZoneWord(zones=(zone,))
    word = scan.text()
    if "/" in word and not any(c.isdigit() for c in word):
        known = get_close_matches(word, _names(), n=1, cutoff=0.6)
        raise Unreadable(clue("unknown_zone", word=scan.typed(), nearest=_names()[known[0]] if known else ""))
    return None


def offset_called(zone: ZoneInfo, abbreviation: str) -> timedelta | None:
    """Return the offset from UTC that a zone calls by this abbreviation, None where it calls none so."""
    for number in range(25):
        at = (datetime(2027, 1, 1, tzinfo=UTC) + number * MONTH / 2).astimezone(zone)
        if (at.tzname() or "").lower() == abbreviation:
            return at.utcoffset()
    return None


def called(start: datetime, abbreviation: str) -> bool:
    """Return whether a moment's zone goes by this abbreviation then; a zone without letters always does."""
    name = (start.tzname() or "").lower()
    return not name.isalpha() or name == abbreviation


def take_offset(scan: Scanner, *, after_clock: bool) -> timedelta | None:
    """Read `+01:00` behind a time, `UTC+2`, `UTC +2`, `GMT-05:30`."""
    word = scan.text()
    if word[:3] in ("utc", "gmt"):
        rest = word[3:]
        if rest:
            return _taken(scan, rest, 1)
        if OFFSET.fullmatch(scan.text(1)):
            return _taken(scan, scan.text(1), 2)
        return None
    if after_clock and FULL_OFFSET.fullmatch(word):
        return _taken(scan, word, 1)
    return None


def _taken(scan: Scanner, text: str, count: int) -> timedelta | None:
    offset = offset_of(text)
    if offset is None:
        if OFFSET.fullmatch(text):
            raise Unreadable(clue("unknown_zone", word=scan.typed(count), nearest=""))
        return None
    scan.skip(count)
    return offset


def offset_of(text: str) -> timedelta | None:
    """Return the offset of `+01:00`, `-0530`, `+2`, `z`; None where no place on earth has it."""
    if text in ("z", "Z"):
        return timedelta(0)
    matched = OFFSET.fullmatch(text)
    if matched is None:
        return None
    size = timedelta(hours=int(matched[2]), minutes=int(matched[3] or 0))
    offset = -size if matched[1] == "-" else size
    odd = int(matched[3] or 0) % 15 != 0
    return None if odd or not WORLD[0] <= offset <= WORLD[1] else offset


def same_zone(first: tzinfo, second: tzinfo) -> bool:
    return first is second or getattr(first, "key", first) == getattr(second, "key", second)
