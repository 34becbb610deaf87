"""Who is on call by a calendar, and how people are woken whom the chat does not wake."""

from collections.abc import Mapping
from typing import Protocol

from bot.domain.messages import Message
from bot.domain.routes import PageEvent


class Pager(Protocol):
    """One way to page. Raises ChatBusy, ChatDoubtful, ChatRefused or ChatClosed, and nothing else."""

    def page(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> None:
        """Hand in what is told of one alert; all of it has the same `key`.

        The same `outbox` handed in twice wakes nobody twice.
        """
        ...


class Duty(Protocol):
    def ids(self, team: str) -> tuple[str, ...]:
        """Return the ids of those whom a team's calendar names now, as it was read last; asks nobody."""
        ...

    def refresh(self) -> Mapping[str, str]:
        """Read the calendars again; return why not, for each team whose calendar cannot be read."""
        ...

    def standing(self, team: str) -> int:
        """Return how many events of a team's calendar go on now, whomever they name."""
        ...


class NoDuty:
    """The calendars of a config without any."""

    def ids(self, team: str) -> tuple[str, ...]:
        del team
        return ()

    def refresh(self) -> Mapping[str, str]:
        return {}

    def standing(self, team: str) -> int:
        del team
        return 0
