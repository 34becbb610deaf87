"""The beats go on: over a beat that fails, and over a wall clock that jumps."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import StoreFault
from bot.schedule import Beats, Clockwork
from tests.clocks import QuietTelemetry, RealClock

SOON_S = 15.0
JUMPS: list[float] = []


class JumpingClock(RealClock):
    """The real clock, with a wall clock that somebody sets."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        return super().now().astimezone(UTC) + self.off


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def log() -> QuietTelemetry:
    return QuietTelemetry()


@pytest.fixture
def clockwork(clock: JumpingClock, log: QuietTelemetry) -> Iterator[Clockwork]:
    made = Clockwork(clock, log, jumped=JUMPS.append)
    JUMPS.clear()
    yield made
    made.stop()


def counted(beats: list[float], wanted: int) -> bool:
    end = time.monotonic() + SOON_S
    while len(beats) < wanted and time.monotonic() < end:
        time.sleep(0.02)
    return len(beats) >= wanted


def test_a_beat_that_fails_ends_neither_itself_nor_the_others(
    clockwork: Clockwork, log: QuietTelemetry
) -> None:
    good: list[float] = []
    bad: list[float] = []

    def fail() -> None:
        bad.append(time.monotonic())
        raise RuntimeError("a bad beat")

    clockwork.every(0.1, "good", lambda: good.append(time.monotonic()))
    clockwork.every(0.1, "bad", fail)
    clockwork.start()
    assert counted(good, 3)
    assert counted(bad, 3)
    assert [name for name, _ in log.failures][:3] == ["beat failed"] * 3


def test_a_wall_clock_that_is_set_back_an_hour_stops_nothing(
    clockwork: Clockwork, clock: JumpingClock
) -> None:
    beats: list[float] = []
    clockwork.every(3600.0, "hourly", lambda: beats.append(time.monotonic()))
    clockwork.start()
    assert counted(beats, 1)
    clockwork.watch_clock()
    clock.off = timedelta(hours=-1)
    clockwork.watch_clock()
    assert counted(beats, 2), "the beat was not seated anew"
    clockwork.watch_clock()
    time.sleep(0.3)
    assert len(beats) == 2, "one jump, one new seat"
    assert [round(one) for one in JUMPS] == [-3600], "and whoever has deadlines is told of it once"


def test_beats_are_seated_anew_even_if_the_jump_cannot_be_followed(
    clock: JumpingClock, log: QuietTelemetry
) -> None:
    def fail(seconds: float) -> None:
        raise StoreFault(f"no database, by {seconds}")

    beats: list[float] = []
    made = Clockwork(clock, log, jumped=fail)
    made.every(3600.0, "hourly", lambda: beats.append(time.monotonic()))
    made.start()
    try:
        assert counted(beats, 1)
        clock.off = timedelta(hours=-1)
        made.watch_clock()
        assert counted(beats, 2)
    finally:
        made.stop()
    assert [name for name, _ in log.failures] == ["jump not followed"]


def becomes(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_it_is_late_by_its_latest_beat_and_one_that_hangs_is_late(clockwork: Clockwork) -> None:
    free = threading.Event()
    assert clockwork.lag() == 0.0
    clockwork.every(0.1, "quick", lambda: None)
    clockwork.every(0.1, "hangs", lambda: free.wait(120))
    clockwork.start()
    try:
        assert becomes(lambda: clockwork.lag() > 1.0)
    finally:
        free.set()
    assert becomes(lambda: clockwork.lag() < 0.5)


def test_it_may_be_stopped_before_it_was_started(clock: JumpingClock, log: QuietTelemetry) -> None:
    Clockwork(clock, log, jumped=JUMPS.append).stop()


def test_runs_that_were_missed_are_left_out_however_many() -> None:
    """As one sees who sets a clock on that began in 1970: APScheduler asks for the next run until it is to come."""
    beats, now = Beats(0.5), datetime(2026, 12, 1, tzinfo=UTC)
    after = beats.get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now)
    assert after == now + timedelta(seconds=0.5)
    assert beats.get_next_fire_time(after, after + timedelta(milliseconds=3)) == after + timedelta(
        seconds=0.5
    )
