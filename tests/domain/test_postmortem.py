"""What a report computes."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import redaction
from bot.domain.postmortem import Times, Waits, sooner, told_after_s

BEGAN = datetime(2026, 11, 24, 2, 58, 10, tzinfo=UTC)


def waits(
    rule: str = "service_silent",
    *,
    for_s: float = 30,
    attempts: int = 3,
    interval_s: float = 30,
    retry_s: float = 5,
) -> Waits:
    return Waits(rule=rule, for_s=for_s, attempts=attempts, interval_s=interval_s, retry_s=retry_s)


@pytest.mark.parametrize(
    ("numbers", "seconds"),
    [
        (waits(), 30),  # 6 rounds, 5 s apart
        (waits(for_s=0), 10),  # three in a row
        (waits(for_s=12), 15),  # time is seen at rounds only
        (waits(retry_s=1), 30),
        (waits(retry_s=60), 60),  # never later than the interval
        (waits("shop_slow", for_s=300, attempts=1), 300),  # asked at the interval
        (waits("shop_slow", for_s=45, attempts=1), 60),
        (waits(for_s=0, attempts=1), 0),
        (waits(retry_s=0, for_s=1, attempts=1), 1),  # half a second apart at least
    ],
)
def test_how_long_a_rule_waits_after_the_first_bad_sample(numbers: Waits, seconds: float) -> None:
    assert told_after_s(numbers) == seconds


def test_each_number_that_would_have_told_sooner_says_by_how_much() -> None:
    found = [(one.key, one.value_s, one.saved_s, one.at_most) for one in sooner(waits())]
    assert found == [("for", 10, 20, False), ("for", 15, 15, False), ("interval", 15, 15, True)]


def test_where_the_rounds_in_a_row_make_the_delay_asking_again_sooner_helps() -> None:
    found = [(one.key, one.value_s, one.saved_s) for one in sooner(waits(for_s=0, retry_s=10))]
    assert found == [("retry", 5, 10), ("interval", 15, 15)]


def test_of_changes_that_save_the_same_the_mildest_is_proposed() -> None:
    demo = waits(for_s=3, interval_s=2, retry_s=1)
    assert [(one.key, one.value_s, one.saved_s) for one in sooner(demo)] == [
        ("for", 2, 1),
        ("interval", 1, 1),
    ]


def test_nothing_is_proposed_where_nothing_is_known_or_nothing_is_left() -> None:
    assert sooner(None) == ()
    assert sooner(waits(for_s=0, attempts=1, interval_s=1, retry_s=1)) == ()


def test_delays_count_from_the_first_bad_sample_and_from_the_alert() -> None:
    def after(seconds: float) -> datetime:
        return BEGAN + timedelta(seconds=seconds)

    times = Times(
        last_good=after(-12), began=BEGAN, alerted=after(40), acknowledged=after(100), mitigated=after(400), recovered=after(410)
    )  # fmt: skip
    assert (times.to_detect_s, times.to_acknowledge_s, times.to_mitigate_s, times.lasted_s) == (
        40,
        60,
        360,
        410,
    )
    unknown = Times(began=BEGAN)
    assert (unknown.to_detect_s, unknown.to_acknowledge_s, unknown.to_mitigate_s) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("restarted it by hand", "restarted it by hand"),
        ("the session token cache was full", "the session token cache was full"),
        ("password=hunter2 works", "password=••• works"),
        ("the password: hunter2", "the password: •••"),
        ("its password is hunter2", "its password is •••"),
        ("DB_PASSWORD = hunter2", "DB_PASSWORD = •••"),
        ("xoxb-1234-abcd was in the log", "••• was in the log"),
        ("postgresql://shop:hunter2@db/shop", "postgresql://•••@db/shop"),
        ("Authorization: Bearer abc.def", "Authorization: •••"),
    ],
)
def test_what_people_write_is_told_without_its_secrets(said: str, kept: str) -> None:
    assert redaction.prose(said) == kept
