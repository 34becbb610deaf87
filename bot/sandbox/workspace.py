"""Channels, messages, ephemerals and files: what the people of the workspace see. Time is an argument, in seconds."""

import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox import settings
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.settings import Person, Setup

MESSAGES_KEPT = 2000
EPHEMERALS_KEPT = 500
REPLIES_KEPT = 10_000
FILES_KEPT = 200
FILE_BYTES_KEPT = 64_000_000


@dataclass(kw_only=True)
class Channel:
    """A public channel or a direct message; `members` are user ids, the bot's among them where it is in.

    `messages` are the top-level ones by ts, oldest first; `replies` those of threads, by the parent's ts.
    """

    id: str
    name: str
    members: list[str]
    created: float
    user: str | None = None
    topic: str = ""
    creator: str = settings.SLACKBOT
    is_private: bool = False
    archived: bool = False
    messages: dict[str, Json] = field(default_factory=dict)
    replies: dict[str, list[Json]] = field(default_factory=dict)

    @property
    def is_im(self) -> bool:
        """True for a direct message between the bot and one user."""
        return self.user is not None

    def find(self, ts: str) -> Json | None:
        """Give the message or reply with this ts."""
        if ts in self.messages:
            return self.messages[ts]
        return next((reply for reply in self._all_replies() if reply["ts"] == ts), None)

    def _all_replies(self) -> Iterator[Json]:
        for thread in self.replies.values():
            yield from thread


@dataclass(frozen=True, kw_only=True)
class Ephemeral:
    """A message that one person sees, until the page is loaded anew; never in history."""

    user: str
    channel: str
    message: Json


@dataclass(kw_only=True)
class StoredFile:
    """An upload: `content` is None until the bytes came, `shared` false until it was completed."""

    id: str
    name: str
    length: int
    title: str
    created: float
    content: bytes | None = None
    shared: bool = False
    alt_text: str = ""


class Workspace:
    """Everything that was said, and by whom."""

    def __init__(self, setup: Setup, *, now: float) -> None:
        self.setup = setup
        self.people: dict[str, Person] = {person.id: person for person in setup.people}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: deque[Ephemeral] = deque(maxlen=EPHEMERALS_KEPT)
        self.files: dict[str, StoredFile] = {}
        self._last_ts = 0
        for room in setup.rooms:
            members = [*room.members, *([settings.BOT_USER_ID] if room.bot else [])]
            self.channels[room.id] = Channel(id=room.id, name=room.name, members=members, created=now)

    def next_ts(self, *, now: float) -> str:
        """Give a message's ts: microseconds of now, and always above the one before."""
        self._last_ts = max(int(now * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def person(self, wanted: str) -> Person:
        """Find a user by id, name or @name. Raises SlackError user_not_found."""
        name = wanted.lstrip("@")
        for person in self.people.values():
            if name in (person.id, person.name):
                return person
        raise SlackError("user_not_found")

    def channel(self, channel_id: str) -> Channel:
        """Find a channel by its id. Raises SlackError channel_not_found."""
        if channel_id not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[channel_id]

    def channel_called(self, wanted: str) -> Channel:
        """Find a channel by id, name or #name. Raises SlackError channel_not_found."""
        name = wanted.lstrip("#")
        for channel in self.channels.values():
            if wanted == channel.id or (name == channel.name and not channel.is_im):
                return channel
        raise SlackError("channel_not_found")

    def direct(self, user: str, *, now: float) -> Channel:
        """Give the direct message between the bot and this user, made at its first use."""
        for channel in self.channels.values():
            if channel.user == user:
                return channel
        channel = Channel(
            id="D" + user[1:],
            name="@" + self.people[user].name,
            members=[user, settings.BOT_USER_ID],
            created=now,
            user=user,
        )
        self.channels[channel.id] = channel
        return channel

    def post(
        self, channel: Channel, message: Json, *, thread_ts: str | None = None, broadcast: bool = False
    ) -> Json:
        """Add a message that already has its ts. Raises SlackError thread_not_found."""
        if thread_ts is None:
            channel.messages[message["ts"]] = message
            while len(channel.messages) > MESSAGES_KEPT:
                oldest = next(iter(channel.messages))
                channel.messages.pop(oldest)
                channel.replies.pop(oldest, None)
            return message
        parent = self.parent(channel, thread_ts)
        message["thread_ts"] = parent["ts"]
        message["parent_user_id"] = parent.get("user", settings.SLACKBOT)
        thread = channel.replies.setdefault(parent["ts"], [])
        thread.append(message)
        del thread[:-MESSAGES_KEPT]
        while sum(map(len, channel.replies.values())) > REPLIES_KEPT:
            del channel.replies[next(iter(channel.replies))][0]
        if broadcast:
            message["subtype"] = "thread_broadcast"
            channel.messages[message["ts"]] = message
        _count_replies(parent, thread)
        return message

    def parent(self, channel: Channel, thread_ts: str) -> Json:
        """Give the root of the thread that this ts is in. Raises SlackError thread_not_found."""
        message = channel.find(thread_ts)
        if message is None:
            raise SlackError("thread_not_found")
        root = str(message.get("thread_ts", message["ts"]))
        return channel.messages.get(root, message)

    def remove(self, channel: Channel, ts: str) -> None:
        """Delete a message; a parent with replies leaves a tombstone, as in Slack. Raises SlackError message_not_found."""
        message = channel.find(ts)
        if message is None:
            raise SlackError("message_not_found")
        if channel.replies.get(ts):
            kept = {
                key: message[key] for key in ("ts", "thread_ts", "reply_count", "reply_users", "latest_reply")
            }
            tombstone = {
                "type": "message",
                "subtype": "tombstone",
                "user": settings.SLACKBOT,
                "text": "This message was deleted.",
            }
            channel.messages[ts] = {**tombstone, **kept}
            return
        channel.messages.pop(ts, None)
        root = message.get("thread_ts")
        if root and root in channel.replies:
            channel.replies[root] = [reply for reply in channel.replies[root] if reply["ts"] != ts]
            if root in channel.messages:
                _count_replies(channel.messages[root], channel.replies[root])

    def ephemeral(self, ts: str) -> Ephemeral | None:
        """Give the ephemeral with this ts."""
        return next((ephemeral for ephemeral in self.ephemerals if ephemeral.message["ts"] == ts), None)

    def add_file(self, *, name: str, length: int, now: float) -> StoredFile:
        """Begin an upload; the oldest file goes when there are too many."""
        stored = StoredFile(
            id="F0" + secrets.token_hex(4).upper(), name=name, length=length, title=name, created=now
        )
        self.files[stored.id] = stored
        while (
            len(self.files) > FILES_KEPT or sum(file.length for file in self.files.values()) > FILE_BYTES_KEPT
        ):
            self.files.pop(next(iter(self.files)))
        return stored


def _count_replies(parent: Json, thread: list[Json]) -> None:
    if not thread:
        for key in ("thread_ts", "reply_count", "reply_users_count", "latest_reply", "reply_users"):
            parent.pop(key, None)
        return
    users = list(dict.fromkeys(str(reply.get("user")) for reply in thread))
    parent.update({
        "thread_ts": parent["ts"], "reply_count": len(thread), "reply_users_count": len(users), "reply_users": users,
        "latest_reply": thread[-1]["ts"],
    })  # fmt: skip
