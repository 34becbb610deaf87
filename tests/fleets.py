"""What hosts of tests have in common."""

import threading
from collections.abc import Callable
from typing import Protocol

from bot.domain.checkups import Way
from bot.domain.targets import Fleet
from bot.ports import Ask, Host, Sample


class _Gets(Protocol):
    def get(self, name: str) -> Host: ...


class InThreads:
    """Takes each sample in a thread of its own, and has no connections to count."""

    def begin(self: _Gets, name: str, ask: Ask, done: Callable[[Sample], None]) -> None:
        host = self.get(name)
        threading.Thread(target=lambda: done(host.sample(ask.services)), daemon=True).start()

    def connections(self) -> int:
        return 0

    def here(self: _Gets) -> Host:
        return self.get("bot")

    def way(self, name: str) -> Way:
        del name
        return Way.THREADS

    def change(self, fleet: Fleet) -> None: ...

    def close(self) -> None: ...
