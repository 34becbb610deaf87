"""One thread that waits for many sockets at once: what is readable, what is due, what other threads want done here."""

import heapq
import itertools
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from bot.ports import Telemetry

LONGEST_NAP_S = 10.0
MOST_AT_ONCE = 256


class Watched(Protocol):
    """A socket's owner. What its methods raise is logged, and ends the owner alone."""

    def fileno(self) -> int: ...
    def readable(self) -> None: ...
    def writable(self) -> None: ...
    def broke(self, error: BaseException) -> None: ...


class Timer:
    """Something that is due, unless it is cancelled."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Reactor:
    """Starts its thread when first needed. All that it calls must be quick and must not wait for anything."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._poll = select.epoll()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll.register(self._bell, select.EPOLLIN)
        self._watched: dict[int, Watched] = {}
        self._wanted: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def is_here(self) -> bool:
        """Whether the caller runs in the reactor's thread."""
        return threading.current_thread() is self._thread

    # --- from any thread

    def call(self, wish: Callable[[], None]) -> None:
        """Do something in the reactor's thread, soon."""
        self._wanted.append(wish)
        if not self.is_here:
            self._start()
            with suppress(OSError):
                os.eventfd_write(self._bell, 1)

    def stop(self) -> None:
        """End the thread after what was wanted before."""
        with self._lock:
            thread, self._stopped = self._thread, True
        if thread is None:
            self._close()
        elif not self.is_here:
            with suppress(OSError):
                os.eventfd_write(self._bell, 1)
            thread.join(5.0)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="ssh loop", daemon=True)
                self._thread.start()

    # --- from its own thread

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = Timer(call)
        heapq.heappush(self._timers, (time.monotonic() + max(0.0, seconds), next(self._numbers), timer))
        return timer

    def watch(self, one: Watched) -> None:
        self._watched[one.fileno()] = one
        self._poll.register(one.fileno(), select.EPOLLIN)

    def want(self, one: Watched, *, writable: bool, readable: bool = True) -> None:
        """Choose what is waited for; that the peer has closed is told in any case."""
        if self._watched.get(one.fileno()) is one:
            events = (select.EPOLLIN if readable else 0) | (select.EPOLLOUT if writable else 0)
            self._poll.modify(one.fileno(), events)

    def forget(self, one: Watched) -> None:
        """Watch no more; to be called before the socket is closed."""
        if self._watched.get(one.fileno()) is one:
            del self._watched[one.fileno()]
            with suppress(OSError):
                self._poll.unregister(one.fileno())

    def _run(self) -> None:
        try:
            while not self._stopped or self._wanted:
                self._turn()
        finally:
            self._close()

    def _turn(self) -> None:
        for number, events in self._poll.poll(self._nap(), MOST_AT_ONCE):
            if number == self._bell:
                with suppress(OSError):
                    os.eventfd_read(self._bell)
            elif one := self._watched.get(number):
                self._tell(one, events)
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            if call := heapq.heappop(self._timers)[2].call:
                self._guarded(call)
        for _ in range(len(self._wanted)):
            self._guarded(self._wanted.popleft())

    def _nap(self) -> float:
        if self._wanted or self._stopped:
            return 0.0
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return LONGEST_NAP_S
        return min(LONGEST_NAP_S, max(0.0, self._timers[0][0] - time.monotonic()))

    def _tell(self, one: Watched, events: int) -> None:
        try:
            if events & select.EPOLLOUT:
                one.writable()
            if events & ~select.EPOLLOUT:
                one.readable()
        except Exception as error:  # noqa: BLE001 — one connection's fault must not end the others'
            self._guarded(partial(one.broke, error))

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 — likewise
            self._telemetry.failure("ssh_loop", error)

    def _close(self) -> None:
        self._poll.close()
        os.close(self._bell)
