"""A day and a quarter of an hour before: told on time, told late with the true time, never in a burst, never twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.jobs import JobStatus
from bot.domain.messages import Mention, Notification
from bot.domain.reviews import Review, ReviewStatus
from bot.domain.settings import ReviewPolicy
from bot.flows import reminders
from tests.flows.review.planning import Planning, opened, value_of

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)


def told(said: list[Notification]) -> list[str]:
    return [one.message.text.partition(": ")[0] for one in said if one.subject.startswith("review:")]


@pytest.fixture
def review(plan: Planning) -> Review:
    """A review on Thursday at 14:00, which leaves time for both reminders."""
    booked = plan.book("review thu 14:00 with @ben")
    plan.said()
    return booked


def test_each_is_told_when_its_time_comes_with_those_invited_mentioned(
    plan: Planning, review: Review
) -> None:
    plan.clock.at = review.start - DAY - timedelta(seconds=1)
    assert told(plan.work()) == []
    plan.clock.at = review.start - DAY
    (first,) = plan.work()
    assert first.message.text.startswith("Review of INC-12 begins in 24 h: Thursday 26 November 2026, 14:00")
    assert first.operation == "reply"
    spans = [span for section in first.message.sections for span in getattr(section, "line", ())]
    assert {one.id for one in spans if isinstance(one, Mention) and not one.quiet} == {"U0ANA", "U0BEN"}
    plan.clock.at = review.start - QUARTER
    assert told(plan.work()) == ["Review of INC-12 begins in 15 min"]
    plan.clock.at = review.start + DAY
    assert told(plan.work()) == []


def test_a_late_one_tells_how_long_it_really_is(plan: Planning, review: Review) -> None:
    plan.clock.at = review.start - timedelta(hours=3)
    assert told(plan.work()) == ["Review of INC-12 begins in 3 h"]


def test_where_both_are_late_one_is_told(plan: Planning, review: Review) -> None:
    plan.clock.at = review.start - timedelta(minutes=4)
    assert told(plan.work()) == ["Review of INC-12 begins in 4 min"]


@pytest.mark.parametrize(("after", "said"), [
    (timedelta(minutes=5), "started 5 min ago"),
    (timedelta(hours=20), "was to begin 20 h ago"),
])  # fmt: skip
def test_what_was_missed_altogether_is_told_once(
    plan: Planning, review: Review, after: timedelta, said: str
) -> None:
    plan.clock.at = review.start + after
    (only,) = plan.work()
    assert said in only.message.text
    assert plan.work() == []


def test_one_that_was_told_in_time_is_not_told_again_as_missed(plan: Planning, review: Review) -> None:
    plan.clock.at = review.start - QUARTER
    plan.work()
    plan.clock.at = review.start + QUARTER
    assert plan.work() == []


def test_those_whose_time_is_over_when_it_is_booked_are_left_out(plan: Planning) -> None:
    plan.book("review in 30 min")
    plan.said()
    assert told(plan.work()) == []
    plan.clock.at += timedelta(minutes=16)
    assert told(plan.work()) == ["Review of INC-12 begins in 14 min"]
    opened(plan.services, number=13, since=plan.clock.at)
    plan.press("confirm", value_of(plan.echo("review INC-13 in 10 min"), "confirm"))
    plan.said()
    plan.clock.at += timedelta(minutes=11)
    assert told(plan.work()) == [], "nobody promised a reminder of that"


def test_a_moved_review_is_reminded_of_at_its_new_time_alone(plan: Planning, review: Review) -> None:
    plan.press("confirm", value_of(plan.echo("review move fri 9:00"), "confirm"))
    plan.said()
    plan.clock.at = review.start - QUARTER
    assert told(plan.work()) == ["Review of INC-12 begins in 19 h"], (
        "the new one's day is less than a day away"
    )
    plan.clock.at = plan.booked().start - QUARTER
    assert told(plan.work()) == ["Review of INC-12 begins in 15 min"]


def test_a_cancelled_review_is_not_reminded_of(plan: Planning, review: Review) -> None:
    plan.press("confirm", value_of(plan.echo("review cancel"), "confirm"))
    plan.said()
    plan.clock.at = review.start - QUARTER
    assert told(plan.work()) == []
    plan.clock.at = review.start + QUARTER
    assert told(plan.work()) == []


def test_a_reminder_that_is_done_twice_is_told_once(plan: Planning, review: Review) -> None:
    plan.clock.at = review.start - QUARTER
    jobs = []
    while job := plan.store.claim_job(now=plan.clock.at, worker="w", lease_s=60):
        jobs.append(job)
    for job in (*jobs, *jobs):
        reminders.run_job(job, plan.services)
    assert told(plan.said()) == ["Review of INC-12 begins in 15 min"]


def test_one_that_died_after_its_claim_is_taken_up_when_its_lease_is_over(
    plan: Planning, review: Review
) -> None:
    plan.clock.at = review.start - QUARTER
    while plan.store.claim_job(now=plan.clock.at, worker="dead", lease_s=60):
        pass
    plan.clock.at += timedelta(seconds=61)
    assert told(plan.work()) == ["Review of INC-12 begins in 14 min"]


def test_a_clock_that_jumps_back_repeats_nothing_and_one_that_jumps_ahead_says_the_true_time(
    plan: Planning, review: Review
) -> None:
    plan.clock.at = review.start - QUARTER
    plan.work()
    plan.clock.at -= timedelta(days=2)
    assert plan.work() == []
    plan.clock.at = review.start - timedelta(minutes=2)
    assert plan.work() == []


def test_a_reminder_keeps_the_hour_over_a_change_of_the_clock(plan: Planning) -> None:
    """The night before Sunday 2027-03-28 is an hour shorter in Berlin: a day before is 11:00 by its clock."""
    plan.clock.at = plan.clock.at.replace(year=2027, month=3, day=26)
    opened(plan.services, number=14, since=plan.clock.at)
    review = plan.book("review INC-14 2027-03-28 12:00")
    plan.said()
    plan.clock.at = review.start - DAY
    assert told(plan.work()) == ["Review of INC-14 begins in 24 h"]


def test_any_reminders_that_the_config_wants(plan: Planning) -> None:
    policy = ReviewPolicy(remind_s=(3600.0, 2.0, 3600.0))
    plan.services = replace(plan.services, settings=replace(plan.services.settings, review=policy))
    review = plan.book("review tomorrow 10:00")
    plan.said()
    for before in (3600, 2):
        plan.clock.at = review.start - timedelta(seconds=before)
        assert len(told(plan.work())) == 1
    job = plan.store.job(f"job_{review.id}.0.remind:2")
    assert job is not None
    assert job.status is JobStatus.DONE


def test_at_its_end_it_was_held_and_a_moved_one_goes_on(plan: Planning, review: Review) -> None:
    plan.press("confirm", value_of(plan.echo("review move fri 9:00"), "confirm"))
    plan.said()
    plan.clock.at = review.end
    plan.work()
    assert plan.booked().status is ReviewStatus.BOOKED
    plan.clock.at = plan.booked().start - QUARTER
    plan.work()
    plan.clock.at = plan.booked().end
    assert plan.work() == []
    stored = plan.store.review(review.id)
    assert stored is not None
    assert stored.status is ReviewStatus.HELD
    assert "Friday 27 November 2026, 09:00" in repr(plan("review list").message)
