"""Times that suit: always to come, on working days, by everybody's clocks where that can be, hours apart."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.settings import ReviewPolicy
from bot.domain.suggestions import APART, NOTICE, Misfit, misfit, suggestions

BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)
POLICY = ReviewPolicy()
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC", "Pacific/Apia"]
)


def found(now: datetime = MONDAY, *zones: ZoneInfo, **changes: object) -> list[datetime]:
    given_ = {
        "now": now,
        "until": now + timedelta(days=3),
        "minutes": 45,
        "zones": zones or (BERLIN,),
        "home": BERLIN,
        "policy": POLICY,
    }
    return suggestions(**{**given_, **changes})  # type: ignore[arg-type]


def test_alone_it_is_the_next_working_mornings_and_afternoons() -> None:
    assert [at.astimezone(BERLIN).strftime("%a %H:%M") for at in found()] == [
        "Tue 09:00",
        "Tue 13:00",
        "Wed 09:00",
    ]


def test_between_berlin_and_new_york_it_is_the_hours_that_both_work() -> None:
    for at in found(MONDAY, BERLIN, NEW_YORK):
        assert misfit(at, 45, BERLIN, POLICY) is None
        assert misfit(at, 45, NEW_YORK, POLICY) is None


def test_where_no_hour_suits_all_as_many_as_can_be_are_suited() -> None:
    for at in found(MONDAY, BERLIN, NEW_YORK, TOKYO):
        assert sum(misfit(at, 45, zone, POLICY) is not None for zone in (BERLIN, NEW_YORK, TOKYO)) == 1


def test_what_did_not_suit_is_not_offered_again() -> None:
    first = found()
    again = found(taken=first)
    assert all(abs(one - other) >= APART for one in first for other in again)


def test_on_a_friday_evening_it_is_monday_whatever_the_config_wanted() -> None:
    friday = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    assert {at.astimezone(BERLIN).weekday() for at in found(friday, until=friday + timedelta(days=1))} <= {
        0,
        1,
    }


def test_days_without_a_common_hour_leave_none_but_do_not_fail() -> None:
    assert found(minutes=480, policy=ReviewPolicy(opens=time(9), closes=time(10))) == []


def test_a_meeting_past_the_end_of_the_day_is_outside_of_it() -> None:
    at = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 16:30 in Berlin
    assert misfit(at, 30, BERLIN, POLICY) is None
    assert misfit(at, 45, BERLIN, POLICY) is Misfit.HOURS
    assert misfit(at + timedelta(days=4), 30, BERLIN, POLICY) is Misfit.WEEKEND
    assert misfit(datetime(2026, 11, 24, 22, 45, tzinfo=UTC), 30, BERLIN, POLICY) is Misfit.HOURS


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001
    ZONES,
    st.lists(ZONES, max_size=4),
    st.integers(5, 240),
)
def test_whoever_meets_and_whenever_it_is_asked(
    at: datetime, home: str, others: list[str], minutes: int
) -> None:
    now, zone = at.replace(tzinfo=UTC), ZoneInfo(home)
    offers = found(now, *map(ZoneInfo, others), home=zone, minutes=minutes)
    assert 1 <= len(offers) <= 3
    assert offers == sorted(offers)
    for offer in offers:
        assert offer >= now + NOTICE
        assert misfit(offer, minutes, zone, POLICY) is None
    assert all(later - earlier >= APART for earlier, later in pairwise(offers))
