"""From a typed line to a meeting: echoed first, booked once, whoever says yes how often."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

import icalendar
import pytest

from bot.domain.invocations import Via
from bot.domain.jobs import JobKind
from bot.domain.messages import Mention, Notification, Operation, When, flat
from bot.domain.reviews import PROPOSED_FOR, Person, ReviewStatus
from bot.domain.settings import ReviewPolicy
from bot.domain.timeline import EventKind
from bot.ports import Store
from bot.present import review as words
from tests.clocks import QuietTelemetry
from tests.flows.review.planning import ANA, BEN, BY_HAND, EVE, Planning, opened, value_of, values

TUESDAY_TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 10:00 in Berlin


def shown(notification: Notification) -> str:
    return repr(notification.message)


def of_review(said: list[Notification]) -> list[Notification]:
    return [one for one in said if one.subject.startswith("review:")]


def test_the_echo_says_what_was_understood_and_nothing_is_booked_yet(plan: Planning) -> None:
    echo = plan.echo("review tomorrow 10:00 with @ben")
    assert echo.text == (
        'Review of INC-12 "shop silent on web1": Tuesday 24 November 2026, 10:00–10:45 Europe/Berlin (in 18 h).'
    )
    assert set(values(echo)) == {"confirm", "other_time", "cancel"}
    (review,) = plan.store.reviews()
    assert (review.status, review.start, review.minutes) == (ReviewStatus.PROPOSED, TUESDAY_TEN, 45)
    assert set(map(tuple, values(echo).values())) == {(review.id,)}, "a button carries the id alone"


def test_each_invitee_is_shown_with_the_time_it_is_for_them(plan: Planning) -> None:
    lines = [
        flat(getattr(section, "line", ()))
        for section in plan.echo("review tomorrow 10:00 with @ben @eve").sections
    ]
    assert "@ana 10:00 · @ben 04:00 New York ⚠ outside working hours · @eve" in lines
    lines = [flat(getattr(section, "line", ())) for section in plan.echo("review saturday 10:00").sections]
    assert any("⚠ on a weekend" in line for line in lines)


@pytest.mark.parametrize("line", [
    "review tomorrow 10:00 for 30m with @ben INC-12",
    "review with @ben inc 12 for 30m tomorrow 10:00",
    "review inc12 for 30 minutes with @U0BEN tomorrow at 10am",
    "REVIEW #12 with @Ben Tomorrow 10:00 FOR 30m",
    "review 2026-11-24 04:00 America/New_York for 30m with @ben",
])  # fmt: skip
def test_the_parts_come_in_any_order_and_any_case(plan: Planning, line: str) -> None:
    review = plan.book(line)
    assert (review.start, review.minutes, review.incident) == (TUESDAY_TEN, 30, "inc_12")
    assert [one.name for one in review.invitees] == ["ana", "ben"]


def test_a_time_without_a_zone_is_in_that_of_who_types_it_else_in_the_configs(plan: Planning) -> None:
    assert plan.book("review tomorrow 10:00", BEN).start == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    plan.press("confirm", value_of(plan.echo("review cancel"), "confirm"))
    eve = plan.book("review tomorrow 10:00", EVE)
    assert (eve.start, eve.zone) == (TUESDAY_TEN, "Europe/Berlin")


def test_now_is_when_it_was_typed_and_not_when_it_is_read(plan: Planning) -> None:
    typed = plan.clock.at
    plan.clock.at = typed + timedelta(minutes=2)
    from bot.domain.invocations import Invocation
    from handlers import router

    late = Invocation(
        id="t0", actor=ANA, verb="review", args=("in", "2h"), text="review in 2h", channel="C1", at=typed
    )
    router.answer(late, plan.services)
    (review,) = plan.store.reviews()
    assert review.start == typed + timedelta(hours=2)


def test_without_names_those_come_who_took_part_and_it_is_said_why(plan: Planning) -> None:
    echo = plan.echo("review tomorrow 10:00", EVE)
    (review,) = plan.store.reviews()
    assert [one.name for one in review.invitees] == ["eve", "ana", "ben"]
    assert "ana (opened it, acknowledged), ben (wrote notes)" in repr(echo)


def test_a_yes_is_one_invitation_with_its_file_its_report_its_reminders_and_its_entry(plan: Planning) -> None:
    echo = plan.echo("review tomorrow 10:00 with @ben")
    plan.press("confirm", value_of(echo, "confirm"), BEN)
    said = plan.said()
    invitation, report = of_review(said)
    assert (invitation.operation, report.operation) == (Operation.POST, Operation.REPLY)
    metadata = invitation.message.metadata
    assert metadata is not None
    assert metadata.event_type == "hangbot_review"
    assert {key: metadata.payload[key] for key in ("id", "status", "incident", "start")} == {
        "id": plan.booked().id,
        "status": "booked",
        "incident": "inc_12",
        "start": "2026-11-24T09:00:00+00:00",
    }
    spans = [span for section in invitation.message.sections for span in getattr(section, "line", ())]
    assert {span.id for span in spans if isinstance(span, Mention) and not span.quiet} == {"U0ANA", "U0BEN"}
    assert [span.at for span in spans if isinstance(span, When)] == [TUESDAY_TEN]
    assert "10:00–10:45 Europe/Berlin" in invitation.message.text
    file = invitation.message.attachment
    assert file is not None
    assert file.name == "INC-12-review.ics"
    (event,) = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert event["dtstart"].dt == TUESDAY_TEN
    assert report.message.attachment is not None
    assert report.message.attachment.name.endswith(".md")
    jobs = [plan.store.claim_job(now=TUESDAY_TEN, worker="w", lease_s=60) for _ in range(3)]
    keys = {job.key: job.due_at for job in jobs if job and job.kind is JobKind.REMIND}
    identity = plan.booked().id
    assert keys[f"remind:{identity}:0:900"] == TUESDAY_TEN - timedelta(minutes=15)
    events = plan.store.events(since=plan.clock.at, incident="inc_12")
    assert [one.by for one in events if one.kind is EventKind.REVIEW_BOOKED] == ["U0BEN"]
    assert [(one.verb, one.actor, one.outcome) for one in plan.store.audit(limit=2)] == [
        ("review", "U0BEN", "book"),
        ("review", "U0ANA", "proposed"),
    ]


def test_the_answered_echo_has_no_buttons_any_more(plan: Planning) -> None:
    plan.press("confirm", value_of(plan.echo(), "confirm"), BEN)
    (edit,) = [one for one in plan.said() if one.subject.startswith("review-echo:")]
    assert edit.operation is Operation.EDIT
    assert values(edit.message) == {}
    assert "Booked by @ben" in edit.message.text


def test_a_second_yes_books_nothing_and_says_that_it_is_booked(plan: Planning) -> None:
    button = value_of(plan.echo(), "confirm")
    plan.press("confirm", button)
    plan.said()
    again = plan.press("confirm", button, BEN)
    assert again.refused
    assert again.message is not None
    assert "booked already" in again.message.text
    assert plan.said() == []


def test_a_no_books_nothing_and_a_later_yes_is_too_late(plan: Planning) -> None:
    button = value_of(plan.echo(), "cancel")
    assert not plan.press("cancel", button).refused
    (edit,) = plan.said()
    assert values(edit.message) == {}
    assert plan.press("confirm", button).refused
    assert [one.status for one in plan.store.reviews()] == [ReviewStatus.EXPIRED]


def test_a_yes_after_ten_minutes_is_too_late(plan: Planning) -> None:
    button = value_of(plan.echo(), "confirm")
    plan.clock.at += PROPOSED_FOR
    reply = plan.press("confirm", button)
    assert reply.refused
    assert reply.message is not None
    assert "too old" in reply.message.text
    assert of_review(plan.said()) == []


def test_an_echo_that_nobody_answers_loses_its_buttons_by_itself(plan: Planning) -> None:
    plan.echo()
    plan.clock.at += PROPOSED_FOR
    (edit,) = plan.work()
    assert edit.operation is Operation.EDIT
    assert values(edit.message) == {}
    assert "Nobody said yes" in edit.message.text


def test_a_time_that_came_while_nobody_answered_is_not_booked(plan: Planning) -> None:
    button = value_of(plan.echo("review in 5 min"), "confirm")
    plan.clock.at += timedelta(minutes=6)
    reply = plan.press("confirm", button)
    assert reply.refused
    assert "is over" in repr(reply.message)


def test_an_incident_that_has_a_review_gets_no_second_one_but_the_way_to_move_it(plan: Planning) -> None:
    first = value_of(plan.echo("review tomorrow 10:00"), "confirm")
    second = value_of(plan.echo("review thu 14:00", BEN), "confirm")
    plan.press("confirm", first)
    plan.said()
    for reply in (plan.press("confirm", second, BEN), plan("review fri 9:00")):
        assert reply.refused
        assert "/hang review move INC-12" in repr(reply.message)
        assert "Tuesday 24 November 2026, 10:00" in repr(reply.message)
    assert of_review(plan.said()) == []


def test_an_incident_whose_review_is_over_may_have_another_one(plan: Planning) -> None:
    first = plan.book()
    plan.clock.at = first.end + timedelta(hours=1)
    plan.echo("review INC-12 tomorrow 10:00")


def test_without_a_file_and_without_reminders_where_the_config_wants_none(plan: Planning) -> None:
    settings = replace(plan.services.settings, review=ReviewPolicy(ics=False, remind_s=()))
    plan.services = replace(plan.services, settings=settings)
    plan.press("confirm", value_of(plan.echo(), "confirm"))
    invitation, _ = of_review(plan.said())
    assert invitation.message.attachment is None
    plan.clock.at += timedelta(days=1)
    assert [one.subject for one in plan.work()] == []


def test_the_files_come_again_when_they_are_asked_for(plan: Planning) -> None:
    plan.book()
    plan.said()
    assert not plan("review file").refused
    files = [one.message.attachment for one in of_review(plan.said()) if one.message.attachment]
    assert [file.name for file in files] == ["INC-12-review.ics", "report-INC-12.md"]


# --- who and what is refused


@pytest.mark.parametrize(("line", "said"), [
    ("review tomorrow 10:00 with @bne", "/hang review tomorrow 10:00 with @ben"),
    ("review tomorrow 10:00 with @zzz", "I know nobody called @zzz"),
    ("review tomorrow 10:00 with @U0NOBODY", "I know nobody called @U0NOBODY"),
    ("review tomorrow 10:00 with @otherbot", "is a bot"),
    ("review tomorrow 10:00 with @olga", "is deactivated"),
    ("review yesterday 10:00", "is over"),
    ("review banana", "I do not understand banana"),
    ("review INC-99 tomorrow 10:00", "INC-99"),
    ("review cancel", "No review of INC-12"),
    ("review move thu 14:00", "No review of INC-12"),
    ("review cancel INC-12 now", "I do not understand now"),
    ("review file", "No review of INC-12"),
    ("confirm rev_nope", "I know nothing of rev_nope"),
    ("cancel rev_nope", "I know nothing of rev_nope"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_what_to_type_and_nothing_is_kept(
    plan: Planning, line: str, said: str
) -> None:
    reply = plan(line)
    assert reply.refused
    assert reply.message is not None
    bare = " ".join([reply.message.text, *(flat(getattr(one, "line", ())) for one in reply.message.sections)])
    assert said in bare
    assert plan.store.reviews() == []
    assert plan.said() == []


def test_a_time_that_is_none_is_answered_with_examples_that_work(plan: Planning) -> None:
    reply = plan("review banana")
    assert reply.message is not None
    examples = [flat(line) for section in reply.message.sections for line in getattr(section, "lines", ())]
    assert len(examples) == 3
    for example in examples:
        assert not plan(example).refused, example


def test_an_invitee_who_is_gone_before_the_yes_is_named(plan: Planning) -> None:
    button = value_of(plan.echo("review tomorrow 10:00 with @ben"), "confirm")
    ben = plan.services.people.by_id["U0BEN"]  # type: ignore[attr-defined]
    plan.services.people.by_id["U0BEN"] = replace(ben, barred="deactivated")  # type: ignore[attr-defined]
    reply = plan.press("confirm", button)
    assert reply.refused
    assert "@ben" in repr(reply.message)
    assert of_review(plan.said()) == []


def test_a_stranger_may_not_say_yes(plan: Planning) -> None:
    button = value_of(plan.echo(), "confirm")
    assert plan.press("confirm", button, replace(EVE, member=False)).refused
    assert of_review(plan.said()) == []


# --- questions


def test_a_date_without_a_time_is_asked_about_and_each_answer_is_a_button_that_leads_to_the_echo(
    plan: Planning,
) -> None:
    reply = plan("review tomorrow with @ben for 30m")
    assert reply.message is not None
    assert not reply.refused
    answers = values(reply.message)["review"]
    assert len(answers) >= 3
    assert all(answer.startswith("rev_") for answer in answers)
    assert plan.press("review", answers[1]).message is None
    plan.press("confirm", value_of(plan.echoed(), "confirm"))
    review = plan.booked()
    assert (review.start, review.minutes) == (TUESDAY_TEN, 30)
    assert [one.name for one in review.invitees] == ["ana", "ben"]


def test_an_answer_is_picked_once(plan: Planning) -> None:
    reply = plan("review tomorrow")
    assert reply.message is not None
    answer = values(reply.message)["review"][0]
    plan.press("review", answer)
    assert plan.press("review", answer, BEN).refused
    assert len([one for one in plan.said() if one.subject.startswith("review-echo:")]) == 1


def test_what_an_answer_says_to_type_at_a_terminal_means_the_same(plan: Planning) -> None:
    reply = plan("review tomorrow with @mei for 30m", via=Via.CONSOLE)
    assert reply.message is not None
    offers = {one.id: one for one in plan.store.reviews()}
    lines = [flat(getattr(section, "line", ())) for section in reply.message.sections]
    typed = [line.removeprefix("to choose it: /hang ") for line in lines if line.startswith("to choose it: ")]
    for line, answer in zip(typed, values(reply.message)["review"], strict=True):
        plan(line)
        (proposed,) = [one for one in plan.store.reviews() if one.status is ReviewStatus.PROPOSED]
        plan.press("cancel", proposed.id)
        offer = offers[answer]
        assert (proposed.start, proposed.minutes, proposed.invitees) == (
            offer.start,
            offer.minutes,
            offer.invitees,
        )


def test_two_readings_of_a_night_when_clocks_go_back_are_two_answers(plan: Planning) -> None:
    plan.clock.at = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    opened(plan.services, number=13, since=plan.clock.at)
    reply = plan("review INC-13 2026-10-25 02:30")
    assert reply.message is not None
    answers = values(reply.message)["review"]
    starts = [plan.store.review(answer) for answer in answers]
    assert [one.start.hour for one in starts if one] == [0, 1]


# --- suggestions


def test_other_times_suit_everybodys_working_hours_as_well_as_can_be(plan: Planning) -> None:
    button = value_of(plan.echo("review tomorrow 10:00 with @ben"), "other_time")
    reply = plan.press("other_time", button, BEN)
    assert reply.message is not None
    offers = [plan.store.review(one) for one in values(reply.message)["review"]]
    assert len(offers) == 3
    for offer in offers:
        assert offer is not None
        assert 15 <= offer.start.astimezone(UTC).hour + 1 < 17, "9:00 in New York is 15:00 in Berlin"
        assert [one.name for one in offer.invitees] == ["ana", "ben"]
    assert "/hang review INC-12 thu 14:00" in repr(reply.message)


def test_planning_from_an_incidents_or_an_alerts_button_offers_times(plan: Planning) -> None:
    reply = plan.press("review", "inc_12")
    assert reply.message is not None
    picked = values(reply.message)["review"][0]
    plan.press("review", picked)
    plan.press("confirm", value_of(plan.echoed(), "confirm"))
    assert plan.booked().incident == "inc_12"
    unknown = plan.press("review", "alr_nope")
    assert unknown.refused


def test_other_times_for_a_booked_incident_move_its_review(plan: Planning) -> None:
    first = plan.book()
    reply = plan.press("review", "inc_12")
    assert reply.message is not None
    plan.said()
    plan.press("review", values(reply.message)["review"][0])
    plan.press("confirm", value_of(plan.echoed(), "confirm"))
    assert plan.booked().id == first.id
    assert plan.booked().sequence == 1


# --- at a terminal


def test_at_a_terminal_the_echo_is_printed_and_its_id_is_the_yes(plan: Planning) -> None:
    reply = plan("review tomorrow 10:00", BY_HAND, via=Via.CONSOLE)
    assert reply.message is not None
    (review,) = plan.store.reviews()
    assert f"/hang confirm {review.id}" in repr(reply.message)
    assert [one for one in plan.said() if one.subject.startswith("review")] == []
    done = plan(f"confirm {review.id}", BY_HAND, via=Via.CONSOLE)
    assert not done.refused
    assert "Booked" in repr(done.message)
    invitation, _ = of_review(plan.said())
    spans = [span for section in invitation.message.sections for span in getattr(section, "line", ())]
    assert "local:root" not in {span.id for span in spans if isinstance(span, Mention) and not span.quiet}


def test_a_booked_review_is_found_behind_any_number_of_proposals(plan: Planning) -> None:
    plan.book()
    for _ in range(20):
        assert plan("review move tomorrow").message is not None  # offers five times, each a row
    refused = plan("review fri 9:00")
    assert refused.refused
    assert "/hang review move INC-12" in repr(refused.message)
    listed = plan("review")
    assert "INC-12" in repr(listed.message)


class WithoutActs:
    """A store that cannot tell what was done, which only the report asks for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def actions(self, **wanted: Any) -> Any:
        raise RuntimeError("no such table: actions")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_people_meet_even_where_the_report_cannot_be_written(plan: Planning) -> None:
    telemetry = QuietTelemetry()
    button = value_of(plan.echo(), "confirm")
    broken = cast("Store", WithoutActs(plan.store))
    plan.services = replace(plan.services, telemetry=telemetry, store=broken)
    assert not plan.press("confirm", button).refused
    (invitation,) = of_review(plan.said())
    assert invitation.message.attachment is not None
    assert [name for name, _ in telemetry.failures] == ["no report"]


def test_a_crowd_is_refused(plan: Planning) -> None:
    people = plan.services.people.by_id  # type: ignore[attr-defined]
    people.update({f"U0P{n:02}": Person(id=f"U0P{n:02}", name=f"p{n:02}") for n in range(30)})
    crowd = " ".join(f"@p{n:02}" for n in range(30))
    reply = plan(f"review tomorrow 10:00 with {crowd}")
    assert reply.refused
    assert "31 people are too many" in repr(reply.message)


def test_where_no_hour_suits_at_all_that_is_said(plan: Planning) -> None:
    policy = ReviewPolicy(opens=time(9), closes=time(9, 30))
    plan.services = replace(plan.services, settings=replace(plan.services.settings, review=policy))
    reply = plan.press("review", "inc_12")
    assert reply.message is not None
    assert "I find no 45 min" in reply.message.text
    assert "/hang review INC-12 thu 14:00" in repr(reply.message)


def test_an_offer_to_move_a_review_that_was_replaced_meanwhile_is_refused(plan: Planning) -> None:
    plan.book()
    offered = plan.press("review", "inc_12")
    assert offered.message is not None
    plan.said()
    plan.press("confirm", value_of(plan.echo("review cancel"), "confirm"))
    plan.said()
    plan.press("confirm", value_of(plan.echo("review INC-12 fri 9:00"), "confirm"))
    reply = plan.press("review", values(offered.message)["review"][0])
    assert reply.refused
    assert "moved meanwhile" in repr(reply.message)


def test_what_a_suggestion_says_to_type_at_a_terminal_means_the_same(plan: Planning) -> None:
    plan("review tomorrow 10:00 for 30m with @mei", via=Via.CONSOLE)
    (proposed,) = plan.store.reviews()
    offered = plan.put("other_time", (proposed.id,), actor=ANA, via=Via.BUTTON, text="")
    assert offered.message is not None
    plan.press("cancel", proposed.id)
    first = plan.store.review(values(offered.message)["review"][0])
    assert first is not None
    plan(f"review {words.typed(first, plan.services.settings.review)}")
    again = plan.store.reviews(statuses=[ReviewStatus.PROPOSED])[0]
    assert (again.start, again.minutes, again.invitees) == (first.start, first.minutes, first.invitees)


def test_a_user_group_comes_as_its_members_without_those_who_are_gone(plan: Planning) -> None:
    plan.book("review tomorrow 10:00 with <!subteam^S0614TZR7|@oncall>")
    assert {one.name for one in plan.booked().invitees} == {"ana", "ben", "mei"}
    assert plan("review fri 9:00 with <!subteam^S0NOBODY>").refused
