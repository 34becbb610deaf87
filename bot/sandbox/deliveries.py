"""What Slack hands to an app, by socket or by HTTP: once where a person waits for it, again where it is an event."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.sandbox.errors import Json

ACK_SECONDS = 3.0
EVENT_RETRIES = (0.0, 60.0, 300.0)
"""Seconds after an event's missed acknowledgement until it is sent again."""
TIMEOUT = "operation_timeout"

Send = Callable[[int, str], Awaitable[Json]]
"""Sends an event, given which retry this is (0: the first try) and why. Raises the two errors below."""


class NobodyThereError(Exception):
    """The app cannot be reached: no socket is open, or nobody listens at its address."""

    reason = "connection_failed"


class NotAcknowledgedError(Exception):
    """The app did not answer in time, or not with 200.

    `lost` when its socket went away meanwhile, so that it hardly could; `error` is what a person sees, `reason` what a
    retry carries; `final` where the app wants no retry.
    """

    def __init__(
        self, *, lost: bool = False, error: str = TIMEOUT, reason: str = "timeout", final: bool = False
    ) -> None:
        super().__init__("no answer within 3 s" if error == TIMEOUT else error)
        self.lost, self.error, self.reason, self.final = lost, error, reason, final


class Retries:
    """Events that wait to be sent again."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def emit(self, send: Send) -> asyncio.Task[Json | None]:
        """Send an event, again while it is not acknowledged; gives the first try's acknowledgement or None."""
        return asyncio.create_task(self._first_try(send))

    async def _first_try(self, send: Send) -> Json | None:
        try:
            return await send(0, "")
        except (NobodyThereError, NotAcknowledgedError) as failure:
            if not getattr(failure, "final", False):
                task = asyncio.create_task(_again(send, failure.reason))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            return None


async def _again(send: Send, reason: str) -> None:
    for attempt, pause in enumerate(EVENT_RETRIES, start=1):
        await asyncio.sleep(pause)
        try:
            await send(attempt, reason)
        except (NobodyThereError, NotAcknowledgedError) as failure:
            reason = failure.reason
            if getattr(failure, "final", False):
                return
        else:
            return
