"""When nobody listened for a report, whatever the clock does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.heartbeats import DEAF, Heartbeat, HeartbeatSpec, judge, listened, shifted

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SPEC = HeartbeatSpec(name="backup", every_s=3600, grace_s=600)
LOOK = timedelta(seconds=15)


def looked(beat: Heartbeat, *, upto: timedelta) -> Heartbeat:
    at = beat.at
    while at < beat.at + upto:
        at += LOOK
        beat = listened(SPEC, beat, now=at)
    return beat


def test_nothing_is_noted_before_a_report_is_due_and_after_it_is_overdue() -> None:
    known = Heartbeat(name="backup", at=NOW)
    assert looked(known, upto=timedelta(minutes=49)) == known
    late = looked(known, upto=timedelta(minutes=70))
    assert listened(SPEC, late, now=NOW + timedelta(hours=9)) is late


@given(st.lists(st.integers(min_value=1, max_value=4000), max_size=40))
def test_the_longest_time_in_which_nobody_listened_is_known(steps: list[int]) -> None:
    """Beside a plain count over the seconds in which it was due."""
    beat, at = Heartbeat(name="backup", at=NOW), 0
    due = range(3000, 4201)
    edges = [due.start]
    for step in steps:
        at += step
        beat = listened(SPEC, beat, now=NOW + timedelta(seconds=at))
        if at >= due.start:
            edges.append(min(at, due.stop - 1))
    longest = max((b - a for a, b in pairwise(edges)), default=0)
    if longest <= DEAF.total_seconds():
        assert beat.unheard is None
    else:
        assert beat.unheard is not None
        assert (beat.unheard[1] - beat.unheard[0]).total_seconds() == longest


@given(st.integers(min_value=-90_000, max_value=90_000), st.integers(min_value=0, max_value=70))
def test_a_clock_that_is_set_is_no_time_in_which_nobody_listened(step_s: int, minute: int) -> None:
    """The jump is noticed after the next look, which may take it for a long time."""
    step, before = timedelta(seconds=step_s), timedelta(minutes=minute)
    beat = looked(Heartbeat(name="backup", at=NOW), upto=before)
    now = NOW + before + step
    beat = shifted(listened(SPEC, beat, now=now), step)
    for _ in range(3):
        now += LOOK
        beat = listened(SPEC, beat, now=now)
    assert beat.unheard is None
    assert judge(SPEC, beat, now=now).reasons[0].facts["unheard_since"] is None
