"""A number that grows with each change of the workspace, and a way to wait for it."""

import asyncio


class Changes:
    """Counts changes; whoever waits is woken at the next one."""

    def __init__(self) -> None:
        self.version = 0
        self._next = asyncio.Event()

    def bump(self) -> None:
        """Count one change and wake everybody who waits."""
        self.version += 1
        self._next.set()
        self._next = asyncio.Event()

    async def newer_than(self, version: int, *, seconds: float) -> bool:
        """Wait until the version is above the given one; False when the time is over."""
        if self.version > version:
            return True
        try:
            await asyncio.wait_for(self._next.wait(), seconds)
        except TimeoutError:
            return False
        return True
