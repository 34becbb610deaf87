"""Values as people write them in the config, checked and turned into what the program uses."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
PERSON = re.compile(r"[UW][A-Z0-9]+")
GROUP = re.compile(r"S[A-Z0-9]{2,}")


def duration(value: Any) -> float:
    """Return seconds for `30s`, `5m`, `1h30m`, `2h`, `1d`."""
    if not isinstance(value, str) or not re.fullmatch(r"(\d+(\.\d+)?(ms|s|m|h|d))+", value):
        raise ValueError("is no duration|write a number with its unit: 30s, 5m, 2h or 1d")
    return sum(
        float(number) * SECONDS[unit] for number, _, unit in re.findall(r"(\d+(\.\d+)?)(ms|s|m|h|d)", value)
    )


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


def url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("is no HTTP address|write it whole: http://127.0.0.1:8000/health")
    if parts.username or parts.password:
        raise ValueError("carries a password|take the user and password out of the address")
    return value


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            "is no time zone|write its IANA name: Europe/Berlin, America/New_York, UTC"
        ) from error
    return value


def person_or_group(value: str) -> str:
    if not PERSON.fullmatch(value) and not GROUP.fullmatch(value):
        raise ValueError(
            "is no Slack id|write the id of a user (U024BE7LH) or a user group (S0614TZR7), not a name"
        )
    return value


def words(value: Any) -> Any:
    """Refuse one text where argv is wanted: nothing here goes through a shell."""
    if isinstance(value, str):
        raise ValueError(f"is one text, and no shell will split it|write a list: {value.split()}")  # noqa: TRY004
    return value


Duration = Annotated[float, BeforeValidator(duration)]
Share = Annotated[float, BeforeValidator(share)]
Name = Annotated[str, AfterValidator(name)]
Url = Annotated[str, AfterValidator(url)]
Zone = Annotated[str, AfterValidator(zone)]
SlackId = Annotated[str, AfterValidator(person_or_group)]
Argv = Annotated[list[str], BeforeValidator(words)]
