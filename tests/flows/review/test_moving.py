"""A booked review is one event for its whole life: moved and cancelled in place, told in its thread."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from bot.domain.messages import Mention, Message, Notification, Operation, flat
from bot.domain.reviews import ReviewStatus
from bot.domain.timeline import EventKind
from tests.flows.review.planning import BEN, EVE, Planning, opened, value_of, values

THURSDAY_TWO = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)  # 14:00 in Berlin


def of_review(said: list[Notification]) -> list[Notification]:
    return [one for one in said if one.subject.startswith("review:")]


def event_in(message: Message) -> tuple[icalendar.Calendar, icalendar.Event]:
    assert message.attachment is not None
    calendar = icalendar.Calendar.from_ical(message.attachment.content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def yes(plan: Planning, line: str) -> None:
    assert not plan.press("confirm", value_of(plan.echo(line, BEN), "confirm"), BEN).refused


def test_a_move_is_echoed_with_the_old_and_the_new_time(plan: Planning) -> None:
    plan.book()
    echo = plan.echo("review move thu 14:00")
    assert "Move the review of INC-12" in echo.text
    assert "Thursday 26 November 2026, 14:00–14:45 Europe/Berlin" in echo.text
    assert "it was Tuesday 24 November 2026, 10:00–10:45" in echo.text
    assert plan.booked().sequence == 0, "nothing has moved yet"


@pytest.mark.parametrize(
    "line", ["review move thu 14:00", "review move INC-12 thu 14:00", "review postpone thu 14:00 inc 12"]
)
def test_a_moved_review_is_the_same_event_with_the_next_sequence(plan: Planning, line: str) -> None:
    before = plan.book("review tomorrow 10:00 for 30m with @ben")
    (first, _) = of_review(plan.said())
    yes(plan, line.replace("thu 14:00", "thu 14:00 Europe/Berlin"))
    edit, told = of_review(plan.said())
    after = plan.booked()
    assert (after.id, after.start, after.sequence) == (before.id, THURSDAY_TWO, 1)
    assert (after.minutes, after.invitees) == (30, before.invitees), "the rest stays as it was"
    assert (edit.operation, told.operation) == (Operation.EDIT, Operation.REPLY)
    assert edit.message.metadata is not None
    assert edit.message.metadata.payload["status"] == "moved"
    one, two = event_in(first.message)[1], event_in(told.message)[1]
    assert one["uid"] == two["uid"]
    assert (one["sequence"], two["sequence"]) == (0, 1)
    assert two["dtstart"].dt == THURSDAY_TWO
    assert told.message.attachment is not None
    assert told.message.attachment.name == "INC-12-review-moved-1.ics"
    spans = [span for section in told.message.sections for span in getattr(section, "line", ())]
    assert {one.id for one in spans if isinstance(one, Mention) and not one.quiet} == {"U0ANA", "U0BEN"}
    kinds = [one.kind for one in plan.store.events(since=plan.clock.at, incident="inc_12")]
    assert kinds[-2:] == [EventKind.REVIEW_BOOKED, EventKind.REVIEW_MOVED]


def test_a_move_may_bring_more_people_and_another_length(plan: Planning) -> None:
    plan.book("review tomorrow 10:00 with @ben")
    yes(plan, "review move thu 14:00 for 1h with @mei")
    assert [one.name for one in plan.booked().invitees] == ["ana", "ben", "mei"]
    assert plan.booked().minutes == 60


def test_two_moves_of_one_review_do_not_undo_each_other(plan: Planning) -> None:
    plan.book()
    first = value_of(plan.echo("review move thu 14:00"), "confirm")
    second = value_of(plan.echo("review move fri 9:00"), "confirm")
    plan.press("confirm", first)
    assert plan.press("confirm", first).refused, "the same yes twice moves once"
    plan.press("confirm", second)
    assert plan.booked().sequence == 2


def test_a_cancellation_is_asked_for_and_then_said_with_a_file_that_takes_it_out_of_calendars(
    plan: Planning,
) -> None:
    plan.book()
    plan.said()
    echo = plan.echo("review cancel", EVE)
    assert "Cancel the review of INC-12" in echo.text
    assert "Tuesday 24 November 2026, 10:00" in echo.text
    assert set(values(echo)) == {"confirm", "cancel"}
    plan.press("confirm", value_of(echo, "confirm"), EVE)
    edit, told = of_review(plan.said())
    assert edit.message.metadata is not None
    assert edit.message.metadata.payload["status"] == "cancelled"
    assert "To move it" not in repr(edit.message)
    calendar, event = event_in(told.message)
    assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert [one.status for one in plan.store.reviews()].count(ReviewStatus.CANCELLED) == 1
    assert plan("review cancel").refused
    plan.echo("review INC-12 fri 9:00")  # and another one may be booked


def test_keeping_it_changes_nothing(plan: Planning) -> None:
    plan.book()
    plan.press("cancel", value_of(plan.echo("review cancel"), "cancel"))
    assert plan.booked().sequence == 0
    assert of_review(plan.said()) == []


def test_what_has_begun_or_is_over_cannot_be_moved_or_cancelled(plan: Planning) -> None:
    review = plan.book()
    plan.said()
    button = value_of(plan.echo("review move thu 14:00"), "confirm")
    for at in (review.start, review.end + timedelta(minutes=1)):
        plan.clock.at = at
        for line in ("review move INC-12 fri 9:00", "review cancel INC-12"):
            assert plan(line).refused, line
        assert plan.press("confirm", button).refused
    assert of_review(plan.said()) == []


def test_what_is_booked_is_listed_and_what_was_too(plan: Planning) -> None:
    assert "No review is booked" in shown(plan, "review")
    plan.book()
    opened(plan.services, number=13, since=plan.clock.at, title="api down")
    plan.press("confirm", value_of(plan.echo("review INC-13 wed 9:00"), "confirm"))
    text = shown(plan, "review")
    assert text.index("INC-12") < text.index("INC-13")
    assert "in 18 h" in text
    plan.clock.at = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert "No review is booked" in shown(plan, "review")
    assert "over, 4 h ago" in shown(plan, "review list")
    assert "INC-12" not in shown(plan, "review list INC-13")


def shown(plan: Planning, line: str) -> str:
    reply = plan(line)
    assert reply.message is not None
    lines = [reply.message.text]
    for section in reply.message.sections:
        lines += [flat(one) for one in getattr(section, "lines", ())]
    return "\n".join(lines)
