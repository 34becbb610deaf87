"""Values as people write them in the config, checked and turned into what the program uses."""

import json
import re
from datetime import time
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from bot.domain.rule import Telling

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d)"
LONGEST_S = 366 * 86400
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
PERSON = re.compile(r"[UW][A-Z0-9]+")
PLACE = re.compile(r"\{(?:host|address)\}")
MAIL = re.compile(r"[^\s@<>\":;,]+@[^\s@<>\":;,]+")
GROUP = re.compile(r"S[A-Z0-9]{2,}")
HOURS = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*[-–]\s*([0-9]{1,2})(?::([0-9]{2}))?")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def duration(value: Any) -> float:
    """Return seconds for `30s`, `5m`, `1h30m`, `2h`, `1d`."""
    if not isinstance(value, str) or not re.fullmatch(rf"(?:{DURATION})+", value):
        raise ValueError("is no duration|write a number with its unit: 30s, 5m, 2h or 1d")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in re.findall(DURATION, value))
    if seconds > LONGEST_S:
        raise ValueError("is longer than a year|write something shorter")
    return seconds


def between(low: str, high: str) -> AfterValidator:
    """Keep a duration within bounds, both of which are said where it is not."""
    lowest, highest = duration(low), duration(high)

    def bounded(seconds: float) -> float:
        if not lowest <= seconds <= highest:
            raise ValueError(f"is out of bounds|write something between {low} and {high}")
        return seconds

    return AfterValidator(bounded)


def share(value: Any) -> float:
    """Return 0…1 for `10%`."""
    if (
        isinstance(value, str)
        and (found := re.fullmatch(r"(\d+(?:\.\d+)?)%", value))
        and float(found[1]) <= 100
    ):
        return float(found[1]) / 100
    raise ValueError("is no share|write it in percent: 10%")


def name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError("is no name that can be typed in chat|use letters, digits, and - _ . @, at most 64")
    return value


def text(value: Any) -> Any:
    """Refuse a text with nothing in it, and one that no line can hold."""
    if isinstance(value, str) and not value.strip():
        raise ValueError("says nothing|write a value, or take the line out")
    if isinstance(value, str) and not value.isprintable():
        raise ValueError("has line breaks or control characters|write it on one line")
    return value


def word(value: str) -> str:
    """Refuse what a program would take for an option, or for two words."""
    if value.startswith("-") or any(character.isspace() for character in value):
        raise ValueError("is no single word|write it without blanks, and without a `-` in front")
    return value


def address(value: str) -> str:
    if "://" in value or "@" in value or "/" in value:
        raise ValueError(
            "is no bare address|write the host alone: the user belongs to `user:`, the port to `port:`"
        )
    if value.startswith("["):
        raise ValueError("is no bare address|write an IPv6 address without its brackets")
    if value.count(":") == 1:
        raise ValueError("is no bare address|write the port as a key of its own: `port: 22`")
    return value


def jump(value: str) -> str:
    """Keep a host's name, `user@host:port`, or `none`."""
    if value.count("@") > 1 or "/" in value or "," in value or value.endswith(("@", ":")):
        raise ValueError(
            "is no jump host|write the name of a host, or user@host:22; one behind another says so itself"
        )
    return value


def pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error})|mend it, or write a plain text") from error
    return value


def channel(value: str) -> str:
    if value.startswith("@") or any(character.isspace() or character == ":" for character in value):
        raise ValueError('is no channel|write its name or its id: "#ops", C024BE91L')
    return value


def url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError(
            "is no HTTP address|look at its host and port: http://127.0.0.1:8000/health"
        ) from error
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or any(c.isspace() for c in value)
        or port == 0
    ):
        raise ValueError("is no HTTP address|write it whole: http://127.0.0.1:8000/health")
    if parts.username or parts.password:
        raise ValueError("carries a password|take the user and password out of the address")
    if "{" in PLACE.sub("", value):
        raise ValueError("names a place nobody fills|write {host} or {address}, or %7B for a brace")
    return value


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            "is no time zone|write its IANA name: Europe/Berlin, America/New_York, UTC"
        ) from error
    return value


def person(value: str) -> str:
    if not PERSON.fullmatch(value):
        raise ValueError(
            "is no id of a Slack user|write an id such as U024BE7LH; a group goes under `usergroup:`"
        )
    return value


def group(value: str) -> str:
    if not GROUP.fullmatch(value):
        raise ValueError(
            "is no id of a Slack user group|write an id such as S0614TZR7; people go under `users:`"
        )
    return value


def person_or_group(value: str) -> str:
    if not PERSON.fullmatch(value) and not GROUP.fullmatch(value):
        raise ValueError(
            "is no Slack id|write the id of a user (U024BE7LH) or a user group (S0614TZR7), not a name"
        )
    return value


def escalates_to(value: str) -> str:
    """Keep `oncall`, `page` (or `pagerduty`), or the id of a user or a group."""
    if value.lower() in ("page", "pagerduty"):
        return "page"
    if value.lower() == "oncall":
        return "oncall"
    if not PERSON.fullmatch(value) and not GROUP.fullmatch(value):
        raise ValueError("is nobody I can call|write oncall, page, or a Slack id (U024BE7LH, S0614TZR7)")
    return value


def mail(value: str) -> str:
    if not MAIL.fullmatch(value):
        raise ValueError("is no mail address|write it as name@example.org")
    return value


def calendar(value: str) -> str:
    """Keep a calendar's address; `webcal:` is what calendar programs call https."""
    return url("https" + value[len("webcal") :] if value.startswith("webcal://") else value)


def among(value: Any) -> Any:
    """Return (3, 5) for `3 of 5`."""
    if isinstance(value, tuple):
        return value
    found = re.fullmatch(r"\s*([0-9]{1,2})\s+of\s+([0-9]{1,2})\s*", value) if isinstance(value, str) else None
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError("is no part of the last rounds|write how many bad ones of how many: 3 of 5")
    return int(found[1]), int(found[2])


def words(value: Any) -> Any:
    """Refuse one text where argv is wanted: nothing here goes through a shell."""
    if isinstance(value, str):
        split = json.dumps(value.split(), ensure_ascii=False)
        raise ValueError(f"is one text, and no shell will split it|write a list: {split}")  # noqa: TRY004 — pydantic turns ValueError alone into a fault
    if isinstance(value, list) and not (value and value[0]):
        raise ValueError("names no program|write a list that begins with one: [systemctl, restart, shop]")
    return value


def working_hours(value: Any) -> Any:
    """Return when the day opens and closes, for `09:00-17:00`; an end of 24:00 is the last second."""
    if isinstance(value, tuple):
        return value
    found = HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is no span of hours|write when the day opens and closes: "09:00-17:00"')
    opens, closes = (_time(hour, minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    if opens >= closes:
        raise ValueError('ends before it begins|write when the day opens, then when it closes: "09:00-17:00"')
    return opens, closes


def _time(hour: str, minute: str | None) -> time:
    if (int(hour), int(minute or 0)) == (24, 0):
        return time(23, 59, 59)
    try:
        return time(int(hour), int(minute or 0))
    except ValueError as error:
        raise ValueError('names a time that no clock shows|write it as "09:00-17:00"') from error


def windows(value: Any) -> Any:
    """Return spans of hours, for `02:00-04:00`, `23:30-04:00` (into the next day) or a list of such."""
    if isinstance(value, tuple):
        return value
    return tuple(_window(one) for one in (value if isinstance(value, list) else [value]))


def _window(value: Any) -> tuple[time, time]:
    found = HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is no span of hours|write when it begins and ends: "02:00-04:00"')
    begins, ends = (_time(hour, minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
    if begins == ends:
        raise ValueError('is no span at all|write when it begins and ends: "02:00-04:00"')
    return begins, ends


def weekdays(value: Any) -> Any:
    """Return the days from Monday 0, for `mon-fri`, `sun-thu` or [mon, wed]."""
    if isinstance(value, frozenset):
        return value
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts:
        raise ValueError("names no days|write mon-fri, or a list: [mon, tue, thu]")
    return frozenset(day for part in parts for day in _span_of_days(str(part).strip().lower()))


def _span_of_days(text: str) -> list[int]:
    ends = [part.strip()[:3] for part in text.split("-")]
    if len(ends) > 2 or any(end not in DAYS for end in ends):
        raise ValueError("names a day that I do not know|write mon-fri, or a list: [mon, tue, thu]")
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def telling(value: list[Telling]) -> list[Telling]:
    if not value:
        raise ValueError("tells nobody and keeps nothing|write [status]: kept for `status`, told to nobody")
    return value


Duration = Annotated[float, BeforeValidator(duration)]
Told = Annotated[list[Telling], AfterValidator(telling)]
Share = Annotated[float, BeforeValidator(share)]
Text = Annotated[str, BeforeValidator(text)]
Word = Annotated[Text, AfterValidator(word)]
Address = Annotated[Word, AfterValidator(address)]
Jump = Annotated[Word, AfterValidator(jump)]
Pattern = Annotated[Text, AfterValidator(pattern)]
Channel = Annotated[str, AfterValidator(channel)]
Name = Annotated[str, AfterValidator(name)]
Url = Annotated[str, AfterValidator(url)]
Zone = Annotated[str, AfterValidator(zone)]
SlackId = Annotated[str, AfterValidator(person_or_group)]
SlackUser = Annotated[str, AfterValidator(person)]
SlackGroup = Annotated[str, AfterValidator(group)]
Among = Annotated[tuple[int, int], BeforeValidator(among)]
EscalatesTo = Annotated[Text, AfterValidator(escalates_to)]
Mail = Annotated[Text, AfterValidator(mail)]
Calendar = Annotated[Text, AfterValidator(calendar)]
Hours = Annotated[tuple[time, time], BeforeValidator(working_hours)]
Windows = Annotated[tuple[tuple[time, time], ...], BeforeValidator(windows)]
Days = Annotated[frozenset[int], BeforeValidator(weekdays)]
Argv = Annotated[list[str], BeforeValidator(words)]
