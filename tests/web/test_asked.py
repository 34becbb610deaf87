"""A question that hangs keeps nobody, and is not asked by everybody at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.web.asked import Asked


def test_whoever_asks_a_question_that_hangs_is_told_in_time_and_it_is_asked_once() -> None:
    free, asked = threading.Event(), []

    def hang() -> int:
        asked.append(1)
        free.wait(60)
        return 5

    question = Asked(hang, within_s=0.3)

    def ask(_: int) -> str:
        try:
            return str(question.now())
        except TimeoutError:
            return "late"

    try:
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(ask, range(8))) == {"late"}
        assert time.monotonic() - began < 20
        assert asked == [1]
    finally:
        free.set()
    assert Asked(question.now, within_s=30).now() == 5


def test_an_answer_serves_while_it_is_fresh_and_no_longer() -> None:
    asked: list[int] = []

    def count() -> int:
        asked.append(1)
        return len(asked)

    fresh, never = Asked(count, within_s=30, fresh_s=600), Asked(count, within_s=30)
    assert [fresh.now(), fresh.now(), fresh.now()] == [1, 1, 1]
    assert [never.now(), never.now()] == [2, 3]


def test_what_the_question_raises_is_raised_to_whoever_asked() -> None:
    def fail() -> int:
        raise KeyError("no")

    question = Asked(fail, within_s=30)
    for _ in range(2):
        with pytest.raises(KeyError):
            question.now()
