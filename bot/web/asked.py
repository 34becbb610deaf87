"""A question that may hang (a locked database), asked so that nobody who comes with it hangs as well."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Asked(Generic[Answer]):
    """Asks in a thread of its own, once at a time: whoever comes meanwhile waits for the same answer, which then
    serves for `fresh_s`.
    """

    def __init__(self, question: Callable[[], Answer], *, within_s: float, fresh_s: float = 0.0) -> None:
        self._question, self._within_s, self._fresh_s = question, within_s, fresh_s
        self._lock = Lock()
        self._under_way: Future[Answer] | None = None
        self._answered: tuple[float, Future[Answer]] | None = None

    def now(self) -> Answer:
        """Return the answer, or raise what the question raises; TimeoutError where it takes longer than `within_s`."""
        return self._future().result(self._within_s)

    def _future(self) -> Future[Answer]:
        with self._lock:
            if self._answered and monotonic() - self._answered[0] < self._fresh_s:
                return self._answered[1]
            if self._under_way is None:
                self._under_way = future = Future[Answer]()
                Thread(target=self._ask, args=(future,), name="asked", daemon=True).start()
            return self._under_way

    def _ask(self, future: Future[Answer]) -> None:
        try:
            answer = self._question()
        except Exception as error:  # noqa: BLE001 — it is raised to whoever asked
            self._settle(future)
            future.set_exception(error)
        else:
            self._settle(future)
            future.set_result(answer)

    def _settle(self, future: Future[Answer]) -> None:
        with self._lock:
            self._under_way, self._answered = None, (monotonic(), future)
