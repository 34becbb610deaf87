"""What is worth saying before a meeting is booked."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.meetings.concerns import WorkingHours, concerns
from bot.domain.meetings.slot import Slot
from bot.domain.messages import flat
from bot.present import meetings as present

BERLIN, NEW_YORK, AUCKLAND = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Pacific/Auckland")
)


def slot(day: int, hour: int, minute: int = 0, minutes: int = 45) -> Slot:
    start = datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)
    return Slot(start=start, zone="Europe/Berlin", minutes=minutes, minutes_given=False)


def doubts(
    found: Slot, *, ahead: timedelta = timedelta(days=1), hours: WorkingHours | None = None, **zones: ZoneInfo
) -> list[str]:
    now = found.start.astimezone(UTC) - ahead
    return [flat(present.concern(doubt)) for doubt in concerns(found, now=now, zones=zones, hours=hours)]


def test_a_working_hour_of_everybody_raises_no_doubt() -> None:
    assert doubts(slot(24, 15), ana=BERLIN, ben=NEW_YORK) == []


def test_an_early_hour_elsewhere_is_told_with_the_clock_there() -> None:
    assert doubts(slot(24, 10), ana=BERLIN, ben=NEW_YORK) == [
        "04:00 for ben (New York): outside working hours."
    ]


def test_a_meeting_that_ends_after_hours_is_outside_them() -> None:
    assert doubts(slot(24, 17, 15), ana=BERLIN) == []
    assert doubts(slot(24, 17, 30), ana=BERLIN) == ["17:30 for ana (Berlin): outside working hours."]
    assert doubts(slot(24, 23, 30), ana=BERLIN, hours=WorkingHours(closes=time(23, 59))) != []


def test_the_working_hours_are_the_config_s() -> None:
    strict = WorkingHours(opens=time(10), closes=time(11), days=frozenset((1,)))
    assert doubts(slot(24, 10), ana=BERLIN, hours=strict) == []
    assert doubts(slot(24, 9), ana=BERLIN, hours=strict) != []
    assert doubts(slot(25, 10), ana=BERLIN, hours=strict) == [
        "Wednesday there: no working day for ana (10:00 Berlin)."
    ]


def test_a_weekend_is_told_once_and_not_for_everybody() -> None:
    assert doubts(slot(28, 10), ana=BERLIN, ben=NEW_YORK) == ["Saturday is a weekend."]


def test_a_friday_evening_that_is_saturday_elsewhere_is_told() -> None:
    assert doubts(slot(27, 15), ben=AUCKLAND) == ["Saturday there: no working day for ben (03:00 Auckland)."]


def test_a_meeting_in_a_few_minutes_is_told() -> None:
    assert doubts(slot(24, 10), ahead=timedelta(minutes=14, seconds=30)) == ["It starts in 14 min."]
    assert doubts(slot(24, 10), ahead=timedelta(minutes=15)) == []
