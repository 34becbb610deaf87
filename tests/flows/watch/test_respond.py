"""What people do with alerts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.messages import Operation
from bot.domain.observations import ServiceState
from bot.domain.settings import InspectPolicy
from bot.flows.respond import Scope, acknowledge, next_morning, silence, unsilence
from bot.ports import Store
from tests.flows.watch.night import ANA, BEN, Night, night
from tests.flows.watch.test_watch import Racing

HOUR = 3600.0


@pytest.fixture
def firing(store: Store) -> Night:
    """A night in which shop on web1 was told to be silent."""
    played = night(store, inspect=InspectPolicy(auto=False))
    played.fire()
    played.said()
    return played


def test_who_acknowledges_is_named_on_the_card_in_the_answer_and_in_the_audit(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    answer = acknowledge(firing.services, actor=ANA, alert=alert)
    assert answer.text == "ana looks after shop on web1 until 07:59."
    (edit,) = firing.said()
    assert edit.operation is Operation.EDIT
    assert edit.message.metadata is not None
    assert edit.message.metadata.payload["status"] == "acknowledged"
    assert edit.message.text.endswith("Acknowledged by ana.")
    (entry,) = firing.store.audit()
    assert (entry.actor, entry.verb, entry.target, entry.outcome) == ("U0ANA", "ack", "shop on web1", "done")


def test_the_same_person_renews_and_another_is_told_who_was_first(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    acknowledge(firing.services, actor=ANA, alert=alert)
    firing.clock.at += timedelta(hours=1)
    assert acknowledge(firing.services, actor=BEN, alert=alert).text == (
        "ana acknowledged shop on web1 at 03:59 already, until 07:59."
    )
    assert acknowledge(firing.services, actor=ANA, alert=alert).text.endswith("until 08:59.")
    firing.clock.at += timedelta(hours=5)
    assert acknowledge(firing.services, actor=BEN, alert=alert).text.startswith("ben looks after")


def test_what_is_over_or_unknown_cannot_be_acknowledged(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    firing.calm()
    with pytest.raises(BadArgument) as caught:
        acknowledge(firing.services, actor=ANA, alert=alert)
    assert caught.value.code == "alert_over"
    with pytest.raises(UnknownName):
        acknowledge(firing.services, actor=ANA, alert=replace(alert, id="alr_none"))


def test_an_acknowledgement_that_lost_a_race_is_tried_again(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    services = replace(firing.services, store=Racing(firing.store, 2))  # type: ignore[arg-type]
    acknowledge(services, actor=ANA, alert=alert)
    (stored,) = firing.store.alerts()
    assert stored.acknowledged is not None
    assert len(firing.store.audit()) == 1


def test_an_acknowledgement_survives_rounds_and_recovery(firing: Night) -> None:
    (alert,) = firing.store.alerts()
    acknowledge(firing.services, actor=ANA, alert=alert)
    firing.said()
    firing.round(ServiceState.SILENT)
    firing.round()
    firing.round(ServiceState.SILENT)
    said = [one.message.metadata for one in firing.said()]
    assert {one.payload["status"] for one in said if one} == {"acknowledged"}


def test_a_silence_says_what_how_long_why_and_how_to_end_it(firing: Night) -> None:
    answer = silence(
        firing.services,
        actor=ANA,
        scope=Scope(host="web1", service="shop"),
        seconds=2 * HOUR,
        reason=" deploy ",
    )
    assert answer.text == "ana silenced shop on web1 for 2 h, until 05:59. Reason: deploy."
    (made,) = firing.store.silences(now=firing.clock.now())
    assert (made.host, made.service, made.by, made.reason) == ("web1", "shop", "U0ANA", "deploy")
    (edit,) = firing.said()
    assert "silenced by" in str(edit.message.sections)
    (entry,) = firing.store.audit()
    assert (entry.verb, entry.target, entry.facts["silence"]) == ("silence", "shop on web1", made.id)


def test_a_silence_is_24_hours_at_most(firing: Night) -> None:
    silence(firing.services, actor=ANA, scope=Scope(host="web1"), seconds=24 * HOUR)
    for bad, code in [
        (24 * HOUR + 1, "silence_too_long"),
        (1e300, "silence_too_long"),
        (0.0, "silence_too_short"),
        (-5.0, "silence_too_short"),
        (None, "silence_too_short"),
    ]:
        with pytest.raises(BadArgument) as caught:
            silence(firing.services, actor=ANA, scope=Scope(host="web1"), seconds=bad)
        assert caught.value.code == code
    assert len(firing.store.silences(now=firing.clock.now())) == 1


@pytest.mark.parametrize(
    ("scope", "covered", "said"),
    [
        (Scope(host="web*"), True, "ana silenced web* for 1 min"),
        (Scope(host="db*"), False, "ana silenced db* for 1 min"),
        (Scope(service="shop"), True, "ana silenced shop everywhere for 1 min"),
        (Scope(service="api"), False, "ana silenced api everywhere for 1 min"),
        (Scope(rule="service_silent"), True, "ana silenced service_silent everywhere for 1 min"),
        (
            Scope(rule="service_silent", service="shop"),
            True,
            "ana silenced service_silent of shop everywhere",
        ),
        (Scope(rule="load_high"), False, "ana silenced load_high everywhere for 1 min"),
        (Scope(labels={"team": "pay"}), False, "ana silenced all that has team=pay for 1 min"),
    ],
)
def test_a_silence_holds_back_all_that_it_is_about_and_nothing_else(
    firing: Night, scope: Scope, covered: bool, said: str
) -> None:
    answer = silence(firing.services, actor=ANA, scope=scope, seconds=60)
    assert answer.text.startswith(said)
    edits = firing.said()
    assert len(edits) == covered, "the card of what it covers says so"
    firing.calm()
    assert ("silenced by" in str([one.message.sections for one in edits])) is covered


def test_a_silence_is_ended_by_its_id_and_the_card_says_so(firing: Night) -> None:
    silence(firing.services, actor=ANA, scope=Scope(host="web1"), seconds=60)
    (made,) = firing.store.silences(now=firing.clock.now())
    firing.said()
    answer = unsilence(firing.services, actor=BEN, silence_id=made.id.upper())
    assert answer.text == "ben ended the silence of web1 and all its services."
    assert firing.store.silences(now=firing.clock.now()) == []
    (edit,) = firing.said()
    assert "silenced by" not in str(edit.message.sections)
    with pytest.raises(UnknownName) as caught:
        unsilence(firing.services, actor=BEN, silence_id=made.id)
    assert caught.value.kind == "silence"


def test_the_end_of_one_silence_leaves_another_on_the_card(firing: Night) -> None:
    silence(firing.services, actor=ANA, scope=Scope(host="web1"), seconds=60)
    silence(firing.services, actor=ANA, scope=Scope(host="web1", service="shop"), seconds=3600)
    first = firing.store.silences(now=firing.clock.now())[0]
    unsilence(firing.services, actor=ANA, silence_id=first.id)
    assert "silenced by" in str(firing.said()[-1].message.sections)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 24, 3, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 25, 8, tzinfo=UTC)),
        (datetime(2026, 11, 24, 20, tzinfo=UTC), datetime(2026, 11, 25, 8, tzinfo=UTC)),
        (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC)),  # clocks go forward
        (
            datetime(2026, 10, 24, 7, tzinfo=UTC),
            datetime(2026, 10, 25, 7, tzinfo=UTC),
        ),  # 25 h to the next 9:00
    ],
)
def test_until_tomorrow_is_the_next_nine_oclock_within_a_day(now: datetime, expected: datetime) -> None:
    assert next_morning(now, ZoneInfo("Europe/Berlin")) == expected
