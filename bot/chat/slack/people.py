"""Who somebody is: looked up in Slack, remembered for a minute, and in doubt nobody special."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from slack_sdk import WebClient

from bot.chat.slack.send import SlackOut
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.invocations import Actor, Place
from bot.domain.settings import Settings

REMEMBERED_S = 60.0
PAGE = 200
FAILED = (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused)


class People:
    """Looks up names, membership of the alert channel and user groups. What cannot be read counts as no."""

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
        return Actor(id=user_id, name=name, member=member, groups=frozenset() if barred else groups)

    def place(self, channel: str) -> Place:
        """Return what kind of place a channel is; where the alert channel cannot be looked up, it is elsewhere."""
        if channel.startswith("D"):
            return Place.DIRECT
        try:
            home = self._sender.channel_id(self._settings.channel)
        except FAILED:
            return Place.ELSEWHERE
        return Place.HOME if channel == home else Place.ELSEWHERE

    def _is_of(self, user_id: str, group: str) -> bool:
        if not group.startswith("S"):
            return False
        return user_id in self._remembered(f"group:{group}", lambda: self._group(group), frozenset())

    def _remembered(self, key: str, look: Callable[[], Any], otherwise: Any) -> Any:
        with self._lock:
            known = self._known.get(key)
        if known and monotonic() - known[0] < REMEMBERED_S:
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
