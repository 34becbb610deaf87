"""Who looks at a target, one at a time."""

from collections.abc import Callable
from typing import Protocol

from bot.domain.diagnosis import Inspection
from bot.domain.targets import Target


class Looks(Protocol):
    def alone(self, target: Target, look: Callable[[Inspection | None], Inspection]) -> Inspection:
        """Look while nobody else looks at that target; `look` is handed what the one found for whose end it had to wait,
        None where it did not wait or that one failed. Raises what `look` raises.
        """
        ...


class AnyLooks:
    """Looks of a bot that does one thing at a time."""

    def alone(self, target: Target, look: Callable[[Inspection | None], Inspection]) -> Inspection:
        del target
        return look(None)
