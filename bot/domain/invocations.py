"""A person asks for something, whichever way it came in; and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import Refusal
from bot.domain.messages import Message


class Via(StrEnum):
    SLASH = "slash"
    MENTION = "mention"
    BUTTON = "button"
    CONSOLE = "console"


class Place(StrEnum):
    """Where it was asked: in the alert channel (or on the bot's own machine), in a direct message, or in another channel."""

    HOME = "home"
    DIRECT = "direct"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks. `id` is a Slack user id, or `local:<user>` for a person on the bot's own machine (an operator).

    `member`: of the alert channel, as the edge looked it up. `groups`: ids of user groups. `zone`: the time zone of their
    profile (an IANA name), empty where the chat does not tell.
    """

    id: str
    name: str
    member: bool = False
    local: bool = False
    groups: frozenset[str] = frozenset()
    zone: str = ""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One request. `args` are the words behind the verb, cleaned of phone typography.

    `id` is unique per delivery (envelope or event id): a redelivery carries the same.
    `thread_ts` is the thread it was typed in; `subject` what a button's message is about (`alert:alr_…`).
    """

    id: str
    actor: Actor
    verb: str
    args: tuple[str, ...] = ()
    text: str = ""
    channel: str = ""
    thread_ts: str | None = None
    subject: str = ""
    via: Via = Via.SLASH
    place: Place = Place.HOME
    at: datetime


class Audience(StrEnum):
    ASKER = "asker"
    CHANNEL = "channel"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to answer now. `jobs` are ids of work that goes on and will speak for itself through the outbox;
    a console waits for them. `message` None: nothing to say beyond what the outbox says. `refused`: not done, and why;
    `refusal` is that as a fact, also for what is not built yet.
    """

    message: Message | None = None
    audience: Audience = Audience.ASKER
    jobs: tuple[str, ...] = ()
    refused: bool = False
    refusal: Refusal | None = None
