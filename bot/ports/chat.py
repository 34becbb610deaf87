"""The chat, who is in it, and the calendar."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.messages import Attachment, Message, Posted
from bot.domain.reviews import Person, Review


class ChatOut(Protocol):
    """Raises ChatBusy, ChatDoubtful, ChatRefused or ChatClosed, and nothing else.

    Where the chat has said when to come back, ChatBusy is raised until then without asking it.
    """

    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        """Say it; its file is a step of its own, see `attach`."""
        ...

    def attach(
        self, posted: Posted, attachment: Attachment, *, thread_ts: str | None = None, doubtful: bool = False
    ) -> None:
        """Put a message's file into its thread (`thread_ts` where it stands in one itself).

        `doubtful`: it may be there already, so look first.
        """
        ...

    def edit(self, posted: Posted, message: Message, *, outbox: str) -> None: ...

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        """Show it to one person only; not stored, best effort."""
        ...

    def find(
        self, channel: str, *, outbox: str, since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        """Look in the channel's (or thread's) history for the message that carries this outbox id."""
        ...

    def carried(self, channel: str, *, event_type: str, within_s: float) -> Mapping[str, str]:
        """Return outbox id → id of what it tells, of what our own account has said of that kind in a channel, in the last
        so many seconds.
        """
        ...

    def link(self, posted: Posted) -> str:
        """Return the address of what was said."""
        ...


class People(Protocol):
    """Who is who in the chat, as far as it tells. Never raises: what cannot be looked up is None."""

    def person(self, user_id: str) -> Person | None: ...

    def named(self, name: str) -> Person | None:
        """Return who is called so (any case, without the @), or has this mail address, if it is one person alone."""
        ...

    def nearest(self, name: str) -> tuple[str, ...]:
        """Return names like this one, best first."""
        ...

    def group(self, group_id: str) -> tuple[Person, ...]:
        """Return the members of a user group (`S…`)."""
        ...

    def resting_until(self, user_id: str, *, now: datetime) -> datetime | None:
        """Return until when the chat does not disturb somebody; None where it does, or does not say."""
        ...


class Nobody:
    """People of a bot that is not connected."""

    def person(self, user_id: str) -> Person | None:
        del user_id
        return None

    def named(self, name: str) -> Person | None:
        del name
        return None

    def nearest(self, name: str) -> tuple[str, ...]:
        del name
        return ()

    def group(self, group_id: str) -> tuple[Person, ...]:
        del group_id
        return ()

    def resting_until(self, user_id: str, *, now: datetime) -> datetime | None:
        del user_id, now
        return None


class Calendar(Protocol):
    def write(self, review: Review, *, summary: str, description: str, remind_s: Sequence[float] = ()) -> str:
        """Return a review as a file that calendar programs take in: the invitation, the move (one more `sequence`) or,
        where it is cancelled, the cancellation of one and the same event. `remind_s`: seconds before the start.
        """
        ...


class NoCalendar:
    """A calendar that writes nothing: reviews are in the chat alone."""

    def write(self, review: Review, *, summary: str, description: str, remind_s: Sequence[float] = ()) -> str:
        del review, summary, description, remind_s
        return ""
