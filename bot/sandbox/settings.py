"""What the workspace is made of at the start: people, channels, commands; from a JSON file or by default."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.errors import Json

BOT_TOKEN = "xoxb-sandbox"  # noqa: S105 - everybody knows it
APP_TOKEN = "xapp-sandbox"  # noqa: S105
TEAM_ID = "T0SANDBOX"
TEAM_DOMAIN = "sandbox"
APP_ID = "A0HANGBOT"
BOT_ID = "B0HANGBOT"
BOT_USER_ID = "U0HANGBOT"
BOT_NAME = "hangbot"
SLACKBOT = "USLACKBOT"
VERIFICATION_TOKEN = "sandbox-verification"  # noqa: S105
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105
SCOPES = (
    "app_mentions:read,channels:history,channels:join,channels:manage,channels:read,chat:write,commands,dnd:read,files:read,files:write,"
    "groups:history,groups:read,im:history,im:read,im:write,pins:read,pins:write,reactions:read,reactions:write,usergroups:read,"
    "users:read,users:read.email"
)
EVENTS = ("app_mention", "message.channels", "message.im", "app_home_opened")


class SetupError(Exception):
    """The file cannot be used; says what is wrong in it."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user; `tz` is an IANA name, `note` is shown beside the name on the page, until `dnd_until` (seconds since 1970) no
    message disturbs them.
    """

    id: str
    name: str
    real_name: str
    tz: str
    note: str = ""
    is_bot: bool = False
    dnd_until: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Room:
    """A channel at the start; `members` are user ids, `bot` says whether the bot is in it."""

    id: str
    name: str
    members: tuple[str, ...]
    bot: bool = True


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A workspace before anybody spoke. `events` is what the app has subscribed to, in the manifest's words."""

    title: str
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    usergroups: tuple[Json, ...] = ()
    commands: tuple[Json, ...] = ()
    hang: str | None = None
    events: tuple[str, ...] = field(default=EVENTS)


def made_up_id(letter: str, name: str) -> str:
    """Give a stable id in Slack's alphabet: `ana` is U0ANA0000."""
    kept = "".join(c for c in name.upper() if c.isascii() and c.isalnum())
    return f"{letter}0{kept[:24]:0<7}"


DEFAULT_USERS: tuple[Json, ...] = (
    {"name": "ana", "real_name": "Ana Martín", "tz": "Europe/Berlin", "note": "on call"},
    {"name": "ben", "real_name": "Ben Okafor", "tz": "America/New_York"},
    {"name": "eve", "real_name": "Eve Larsen", "tz": "Europe/Berlin", "note": "may look"},
)
DEFAULT_CHANNELS: tuple[Json, ...] = ({"name": "ops"},)
DEFAULT_COMMANDS: tuple[Json, ...] = ({"command": "/hang", "completions": []},)


def load(path: Path | None) -> Setup:
    """Read FILE.json; None gives the default workspace. Raises SetupError."""
    if path is None:
        return read({})
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise SetupError(f"{path}: a JSON object is needed")
    return read(document)


def read(document: Mapping[str, Any]) -> Setup:
    """Build the setup from the decoded file. Raises SetupError on unknown keys and wrong members."""
    known = {"title", "channels", "users", "usergroups", "commands", "hang", "events"}
    if unknown := sorted(set(document) - known):
        raise SetupError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    people = tuple(_person(entry) for entry in document.get("users") or DEFAULT_USERS)
    bot = Person(id=BOT_USER_ID, name=BOT_NAME, real_name=BOT_NAME, tz="Etc/UTC", is_bot=True)
    return Setup(
        title=str(document.get("title") or "Sandbox"),
        people=(*people, bot),
        rooms=tuple(_room(entry, people) for entry in document.get("channels") or DEFAULT_CHANNELS),
        usergroups=tuple(document.get("usergroups") or ()),
        commands=tuple(document.get("commands") or DEFAULT_COMMANDS),
        hang=document.get("hang"),
        events=tuple(document.get("events") or EVENTS),
    )


def _person(entry: Mapping[str, Any]) -> Person:
    name = str(entry.get("name") or "")
    if not name:
        raise SetupError("a user needs a name")
    zone = str(entry.get("tz") or "Europe/Berlin")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise SetupError(f"user {name}: no time zone {zone!r}") from error
    return Person(
        id=str(entry.get("id") or made_up_id("U", name)),
        name=name,
        real_name=str(entry.get("real_name") or name),
        tz=zone,
        note=str(entry.get("note") or ""),
        dnd_until=float(entry.get("dnd_until") or 0.0),
    )


def _room(entry: Mapping[str, Any], people: Sequence[Person]) -> Room:
    name = str(entry.get("name") or "").lstrip("#")
    if not name:
        raise SetupError("a channel needs a name")
    ids = {person.name: person.id for person in people} | {person.id: person.id for person in people}
    wanted = [
        str(member).lstrip("@") for member in entry.get("members") or [person.name for person in people]
    ]
    members = [member for member in wanted if member not in {BOT_NAME, BOT_USER_ID}]
    if unknown := [member for member in members if member not in ids]:
        raise SetupError(f"channel {name}: no user {unknown[0]!r}")
    return Room(
        id=str(entry.get("id") or made_up_id("C", name)),
        name=name,
        members=tuple(ids[member] for member in members),
        bot=bool(entry.get("bot", True)),
    )
