"""The rate limiter, second by second."""

from bot.sandbox.rates import RateLimiter


def test_a_channel_takes_a_burst_of_five_messages_and_then_one_a_second() -> None:
    limiter = RateLimiter()
    burst = [limiter.admit("chat.postMessage", "C1", now=100).retry_after for _ in range(6)]
    assert burst == [None] * 5 + [1]
    assert limiter.admit("chat.postMessage", "C2", now=100).retry_after is None
    assert limiter.admit("chat.postMessage", "C1", now=101).retry_after is None
    assert limiter.admit("chat.postMessage", "C1", now=101.1).retry_after == 1


def test_one_message_a_second_goes_on_for_ever() -> None:
    limiter = RateLimiter()
    assert {
        limiter.admit("chat.postMessage", "C1", now=float(second)).retry_after for second in range(600)
    } == {None}


def test_an_update_belongs_to_the_third_tier() -> None:
    limiter = RateLimiter()
    verdicts = [limiter.admit("chat.update", "C1", now=100).retry_after for _ in range(51)]
    assert verdicts == [None] * 50 + [2]


def test_the_second_tier_gives_twenty_a_minute() -> None:
    limiter = RateLimiter()
    verdicts = [limiter.admit("conversations.list", "", now=100).retry_after for _ in range(21)]
    assert verdicts == [None] * 20 + [3]


def test_a_caller_that_waits_as_told_ignores_nothing() -> None:
    limiter = RateLimiter()
    wait = limiter.refuse("chat.update", "C1", seconds=3.2, now=100)
    assert wait == 4
    verdict = limiter.admit("chat.update", "C1", now=104)
    assert (verdict.retry_after, verdict.ignored) == (None, False)


def test_a_caller_that_comes_again_before_its_time_is_found_out() -> None:
    limiter = RateLimiter()
    limiter.refuse("chat.update", "C1", seconds=3, now=100)
    verdict = limiter.admit("chat.update", "C1", now=101)
    assert (verdict.retry_after, verdict.ignored) == (2, True)


def test_a_call_that_was_on_its_way_when_another_was_refused_is_forgiven() -> None:
    limiter = RateLimiter()
    limiter.refuse("chat.update", "C1", seconds=3, now=100)
    verdict = limiter.admit("chat.update", "C1", now=100.3)
    assert (verdict.retry_after, verdict.ignored) == (3, False)


def test_a_refused_message_closes_its_channel_and_no_other() -> None:
    limiter = RateLimiter()
    limiter.refuse("chat.postMessage", "C1", seconds=3, now=100)
    assert limiter.admit("chat.postMessage", "C2", now=101).retry_after is None
    assert limiter.admit("chat.postMessage", "C1", now=101).retry_after == 2
