"""Who somebody is: looked up in Slack, remembered for some minutes, and in doubt nobody special."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from threading import Lock
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk import WebClient

from bot.chat.slack.send import SlackOut
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.invocations import Actor, Place
from bot.domain.reviews import Person
from bot.domain.settings import Settings

REMEMBERED_S = 60.0
NAMES_REMEMBERED_S = 600.0
PAGE, MOST_PAGES = 200, 25
"""A larger workspace is not read to the end: there, pick the name from Slack's list, which sends its id."""
SLACKBOT = "USLACKBOT"
Known = list[tuple[Person, frozenset[str]]]
"""Everybody, with what each may be called."""
FAILED = (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused)


class People:
    """Looks up names, membership of the alert channel and user groups. What cannot be read counts as no.

    Fulfils ports.People as well.
    """

    def __init__(self, client: WebClient, sender: SlackOut, settings: Settings) -> None:
        self._client, self._sender, self._settings = client, sender, settings
        self._lock = Lock()
        self._known: dict[str, tuple[float, Any]] = {}

    def actor(self, user_id: str) -> Actor:
        """Return the actor behind a user id; a bot, a guest or a deactivated user is no member."""
        user = self._remembered(f"user:{user_id}", lambda: self._user(user_id), {})
        name = str(user.get("name") or user_id)
        barred = any(
            user.get(mark)
            for mark in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        )
        member = (
            bool(user) and not barred and user_id in self._remembered("members", self._members, frozenset())
        )
        groups = frozenset(group for group in self._settings.access.operators if self._is_of(user_id, group))
        return Actor(
            id=user_id,
            name=name,
            member=member,
            groups=frozenset() if barred else groups,
            zone=_zone(user),
        )

    def person(self, user_id: str) -> Person | None:
        user = self._remembered(f"user:{user_id}", lambda: self._user(user_id), {})
        return _person(user) if user else None

    def named(self, name: str) -> Person | None:
        wanted = name.lower()
        found = [
            person
            for person, names in self._everybody()
            if wanted in names or ("@" in wanted and person.email.lower() == wanted)
        ]
        only = [one for one in found if one.name.lower() == wanted] or found
        return only[0] if len(only) == 1 else None

    def nearest(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        handles = [person.name for person, _ in self._everybody() if not person.barred]
        begun = [one for one in handles if len(wanted) > 1 and one.lower().startswith(wanted)]
        return tuple(dict.fromkeys([*begun, *get_close_matches(wanted, handles, n=3, cutoff=0.6)]))[:3]

    def group(self, group_id: str) -> tuple[Person, ...]:
        members = self._remembered(f"group:{group_id}", lambda: self._group(group_id), frozenset())
        return tuple(found for one in sorted(members) if (found := self.person(one)))

    def resting_until(self, user_id: str, *, now: datetime) -> datetime | None:
        """As `dnd.info` tells it: a snooze, or the hours that somebody has set."""
        found = self._remembered(f"dnd:{user_id}", lambda: self._dnd(user_id), {})
        snoozed = found.get("snooze_endtime") if found.get("snooze_enabled") else None
        begins, ends = found.get("next_dnd_start_ts"), found.get("next_dnd_end_ts")
        until = [float(snoozed)] if isinstance(snoozed, int | float) else []
        if found.get("dnd_enabled") and isinstance(begins, int | float) and isinstance(ends, int | float):
            until += [float(ends)] if begins <= now.timestamp() else []
        latest = max(until, default=0.0)
        return datetime.fromtimestamp(latest, UTC) if latest > now.timestamp() else None

    def place(self, channel: str) -> Place:
        """Return what kind of place a channel is; one that is none of the alert channels, or cannot be looked up, is elsewhere."""
        if channel.startswith("D"):
            return Place.DIRECT
        return Place.HOME if any(map(self._is_at(channel), self._settings.channels)) else Place.ELSEWHERE

    def _is_at(self, channel: str) -> Callable[[str], bool]:
        """Return what tells whether a channel of the config is this one; one that nobody finds is none."""

        def is_it(named: str) -> bool:
            try:
                return self._sender.channel_id(named) == channel
            except FAILED:
                return False

        return is_it

    def _is_of(self, user_id: str, group: str) -> bool:
        if not group.startswith("S"):
            return False
        return user_id in self._remembered(f"group:{group}", lambda: self._group(group), frozenset())

    def _remembered(
        self, key: str, look: Callable[[], Any], otherwise: Any, *, for_s: float = REMEMBERED_S
    ) -> Any:
        with self._lock:
            known = self._known.get(key)
        if known and monotonic() - known[0] < for_s:
            return known[1]
        try:
            found = look()
        except FAILED:
            return otherwise
        with self._lock:
            self._known[key] = (monotonic(), found)
        return found

    def _user(self, user_id: str) -> dict[str, object]:
        return dict(self._sender.call(self._client.users_info, user=user_id)["user"])

    def _dnd(self, user_id: str) -> dict[str, Any]:
        return dict(self._sender.call(self._client.dnd_info, user=user_id))

    def _group(self, group: str) -> frozenset[str]:
        return frozenset(self._sender.call(self._client.usergroups_users_list, usergroup=group)["users"])

    def _members(self) -> frozenset[str]:
        channel = self._sender.channel_id(self._settings.channel)
        found: set[str] = set()
        cursor = ""
        while True:
            page = self._sender.call(
                self._client.conversations_members, channel=channel, limit=PAGE, cursor=cursor or None
            )
            found.update(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return frozenset(found)

    def _everybody(self) -> Known:
        found: Known = self._remembered("everybody", self._listed, [], for_s=NAMES_REMEMBERED_S)
        return found

    def _listed(self) -> Known:
        found: Known = []
        cursor = ""
        for _ in range(MOST_PAGES):
            page = self._sender.call(self._client.users_list, limit=PAGE, cursor=cursor or None)
            found += [(_person(user), _names(user)) for user in page["members"]]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return found


def _person(user: Mapping[str, Any]) -> Person:
    profile = user.get("profile") or {}
    return Person(
        id=str(user["id"]),
        name=str(user.get("name") or user["id"]),
        zone=_zone(user),
        email=str(profile.get("email") or ""),
        barred=_barred(user),
    )


def _barred(user: Mapping[str, Any]) -> str:
    if user.get("deleted"):
        return "deactivated"
    return "bot" if user.get("is_bot") or user.get("id") == SLACKBOT else ""


def _zone(user: Mapping[str, Any]) -> str:
    """Return the zone of a profile where it is one we know; Slack has names that are none elsewhere."""
    zone = str(user.get("tz") or "")
    try:
        return ZoneInfo(zone).key if zone else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _names(user: Mapping[str, Any]) -> frozenset[str]:
    """Return what somebody may be called: handle, shown name, real name, its first word; in lower case."""
    profile = user.get("profile") or {}
    real = str(user.get("real_name") or profile.get("real_name") or "")
    names = {
        str(user.get("name") or ""),
        str(profile.get("display_name") or ""),
        real,
        real.partition(" ")[0],
    }
    return frozenset(one.lower() for one in names if one)
