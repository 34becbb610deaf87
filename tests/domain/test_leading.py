"""When one who stands by may take over: never from somebody of whom something was heard within a lease."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.leading import LEASE_S, Lead, Watch

LIVES = Lead(worker="web1:7", process="boot 7", term=3, beat=5)


def test_what_nobody_ever_led_is_taken_at_once() -> None:
    assert Watch().after(None, now_s=0.0).may_take(now_s=0.0, is_gone=False)


def test_what_was_left_is_taken_at_once() -> None:
    left = Lead(worker="", process="", term=3, beat=6)
    assert Watch().after(left, now_s=0.0).may_take(now_s=0.0, is_gone=False)


def test_a_process_that_is_gone_is_followed_at_once() -> None:
    watch = Watch().after(LIVES, now_s=0.0)
    assert watch.may_take(now_s=0.0, is_gone=True)
    assert not watch.may_take(now_s=0.0, is_gone=False)


def test_a_lease_without_a_sign_of_life_ends_it() -> None:
    watch = Watch().after(LIVES, now_s=100.0).after(LIVES, now_s=110.0)
    assert not watch.may_take(now_s=100.0 + LEASE_S - 0.1, is_gone=False)
    assert watch.may_take(now_s=100.0 + LEASE_S, is_gone=False)


@given(st.lists(st.floats(min_value=0.0, max_value=LEASE_S - 0.01), min_size=1, max_size=50))
def test_who_shows_within_every_lease_that_it_lives_is_never_followed(pauses: list[float]) -> None:
    watch, now = Watch(), 0.0
    for beat, pause in enumerate(pauses):
        watch = watch.after(Lead(worker="web1:7", process="", term=1, beat=beat), now_s=now)
        now += pause
        assert not watch.may_take(now_s=now, is_gone=False)
