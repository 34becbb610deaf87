"""One inspection of one target at a time in this process; who comes second waits, and is handed what the first one found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from bot.domain.diagnosis import Inspection
from bot.domain.targets import Target


@dataclass
class _Turn:
    lock: Lock = field(default_factory=Lock)
    wanted_by: int = 0
    found: Inspection | None = None


class OneAtATime:
    """Fulfils ports.Looks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns: dict[Target, _Turn] = {}

    def alone(self, target: Target, look: Callable[[Inspection | None], Inspection]) -> Inspection:
        with self._lock:
            turn = self._turns.setdefault(target, _Turn())
            turn.wanted_by += 1
        try:
            with turn.lock:
                turn.found = look(turn.found)
                return turn.found
        finally:
            with self._lock:
                turn.wanted_by -= 1
                if not turn.wanted_by:
                    del self._turns[target]

    def waiting(self, target: Target) -> int:
        """Return how many look at a target or wait to."""
        with self._lock:
            turn = self._turns.get(target)
            return turn.wanted_by if turn else 0
