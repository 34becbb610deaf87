"""Asking a health URL through a connection of the reactor: connect from the host, say what is to be said, hear the status."""

import time
from collections.abc import Callable

from bot.domain.observations import HttpAnswer
from bot.hosts import http
from bot.hosts.loop.feed import CONNECT_FAILED, PROHIBITED, Forwarded
from bot.hosts.loop.reactor import Reactor


class Answering(Forwarded):
    """One question. `answered` is called once, with the answer and whether the server forwards connections at all."""

    def __init__(
        self, reactor: Reactor, url: str, *, within_s: float, answered: Callable[["Answering"], None]
    ) -> None:
        super().__init__(http.address_of(url))
        self._talk = http.Conversation(url)
        self._answered = answered
        self._began = time.monotonic()
        self._late = reactor.later(within_s, lambda: self._say_answer(HttpAnswer(problem="timeout")))
        self.answer: HttpAnswer | None = None
        self.is_forwarded = True

    def opened(self) -> None:
        self.send(self._talk.begin())

    def refused(self, code: int) -> None:
        if code == CONNECT_FAILED:
            self._say_answer(HttpAnswer(problem="refused"))
            return
        self.is_forwarded = code != PROHIBITED
        self._say_answer(HttpAnswer(problem="unavailable", detail="the server forwards no connection"))

    def received(self, data: bytes) -> None:
        out = self._talk.received(data)
        if self._talk.answer is not None:
            self._say_answer(http.timed(self._talk.answer, began=self._began))
        elif out:
            self.send(out)

    def ended(self) -> None:
        self._say_answer(self._talk.ended())

    def lost(self) -> None:
        if self.answer is None:
            self._say_answer(HttpAnswer(problem="unavailable", detail="the connection broke"))
        super().lost()

    def _say_answer(self, answer: HttpAnswer) -> None:
        if self.answer is not None:
            return
        self.answer = answer
        self._late.cancel()
        self.close()
        self._answered(self)
