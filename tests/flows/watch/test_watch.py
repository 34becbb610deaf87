"""A round is one story and one transaction, on a real store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import AlertStatus, Severity
from bot.domain.errors import Conflict
from bot.domain.jobs import JobStatus
from bot.domain.messages import Operation
from bot.domain.observations import ProbeOutcome, ServiceState
from bot.domain.rules import RuleOverride
from bot.domain.settings import InspectPolicy
from bot.flows.respond import Scope, acknowledge, silence, unsilence
from bot.flows.watch import probe_now, watch_host
from bot.ports import Store
from tests.flows.watch.night import ANA, Night, night

POST, EDIT, REPLY = Operation.POST, Operation.EDIT, Operation.REPLY
SILENT, ANSWERING, DOWN = ServiceState.SILENT, ServiceState.ANSWERING, ServiceState.DOWN
NO_INSPECTION = InspectPolicy(auto=False)


@pytest.fixture
def quiet(store: Store) -> Night:
    """A night without inspections."""
    return night(store, inspect=NO_INSPECTION)


def jobs(played: Night) -> list[str]:
    found = []
    while job := played.store.claim_job(
        now=played.clock.now() + timedelta(days=1), worker="w", lease_s=1e9, lane="inspect:"
    ):
        found.append(job.key)
    return found


def test_a_silent_service_is_told_once_and_its_card_is_kept_true(quiet: Night) -> None:
    quiet.fire()
    (post,) = quiet.said()
    assert (post.operation, post.channel) == (POST, "#ops")
    assert post.message.text == "CRITICAL shop on web1 silent since 03:58, unit active. @U0ANA"
    assert post.message.metadata is not None
    assert post.message.metadata.payload == {
        "id": post.subject.removeprefix("alert:"),
        "status": "firing",
        "alert": "service_silent",
        "host": "web1",
        "service": "shop",
    }
    for _ in range(20):
        quiet.round(SILENT)
    assert quiet.said() == []


def test_its_end_is_an_edit_and_a_reply_and_mentions_nobody(quiet: Night) -> None:
    quiet.fire()
    quiet.said()
    quiet.calm()
    *edits, reply = quiet.said()
    assert {edit.operation for edit in edits} == {EDIT}
    resolved = edits[-1].message
    assert resolved.metadata is not None
    assert resolved.metadata.payload["status"] == "resolved"
    assert resolved.text == "RESOLVED shop on web1 answers again, silent for 40 s (03:58–03:59)."
    assert reply.operation is REPLY
    assert "@" not in reply.message.text


def test_a_blip_is_told_to_nobody(quiet: Night) -> None:
    for _ in range(5):
        quiet.round(SILENT)
        quiet.round(SILENT)
        quiet.round()
    assert quiet.told() == []


def test_a_relapse_is_told_in_the_same_thread(quiet: Night) -> None:
    quiet.fire()
    quiet.calm()
    first = {one.subject for one in quiet.said()}
    quiet.fire()
    again = quiet.said()
    assert {one.subject for one in again} == first
    assert [one.operation for one in again] == [EDIT, REPLY]
    assert "silent again" in again[1].message.text
    assert again[1].message.text.endswith("@U0ANA")


def test_a_silent_service_stays_firing_while_its_host_cannot_be_reached(quiet: Night) -> None:
    quiet.fire()
    quiet.said()
    for _ in range(10):
        quiet.round(outcome=ProbeOutcome.TIMEOUT)
    assert quiet.said() == []
    by_rule = {alert.rule: alert.status for alert in quiet.store.alerts(unresolved=True)}
    assert by_rule == {"service_silent": AlertStatus.FIRING, "host_unreachable": AlertStatus.PENDING}


def test_a_host_out_of_sight_is_a_warning_after_three_minutes_and_says_nothing_of_its_services(
    quiet: Night,
) -> None:
    quiet.round()
    for _ in range(30):
        quiet.round(outcome=ProbeOutcome.UNREACHABLE)
    (post,) = quiet.said()
    assert post.message.text == "WARNING web1 out of sight since 03:58."
    assert [alert.rule for alert in quiet.store.alerts()] == ["host_unreachable"]


def test_a_load_spike_is_kept_and_told_to_nobody(quiet: Night) -> None:
    for _ in range(70):
        quiet.round(metrics={"psi_cpu_some_avg10": 90.0})
    (alert,) = quiet.store.alerts(unresolved=True)
    assert (alert.rule, alert.status, alert.severity) == ("load_high", AlertStatus.FIRING, Severity.INFO)
    assert quiet.said() == []


def test_a_changed_host_key_is_told_at_once(quiet: Night) -> None:
    quiet.round(outcome=ProbeOutcome.HOST_KEY_CHANGED)
    (post,) = quiet.said()
    assert post.message.text == "CRITICAL web1 showing another host key since 03:58. @U0ANA"


def test_when_it_last_answered_is_remembered_from_the_round_before(quiet: Night) -> None:
    quiet.round()
    well = quiet.clock.now()
    quiet.round(SILENT)
    (alert,) = quiet.store.alerts(unresolved=True)
    assert (alert.last_good_at, alert.last_answer_ms) == (well, 12.0)


def test_a_round_that_changes_nothing_writes_no_alert(quiet: Night) -> None:
    quiet.fire()
    before = quiet.store.alerts()
    quiet.round(SILENT)
    quiet.round(outcome=ProbeOutcome.ERROR, after_s=0)
    assert [one for one in quiet.store.alerts() if one.rule == "service_silent"] == before


def test_the_observation_of_each_round_is_kept(quiet: Night) -> None:
    quiet.round(SILENT)
    assert quiet.store.observations()["web1"].services["shop"].state is SILENT


# --- inspections


def test_when_it_is_told_an_inspection_is_asked_for_in_the_same_transaction(store: Store) -> None:
    played = night(store)
    played.fire()
    assert len(jobs(played)) == 1
    played.round(SILENT)
    assert jobs(played) == []


def test_no_inspection_is_asked_for_where_the_config_says_so_or_while_silenced(store: Store) -> None:
    played = night(store, inspect=NO_INSPECTION)
    played.fire()
    assert jobs(played) == []
    played.calm()


def test_what_is_silenced_is_inspected_when_it_is_told(store: Store) -> None:
    played = night(store)
    silence(played.services, actor=ANA, scope=Scope(host="web1", service="shop"), seconds=600)
    played.fire()
    assert jobs(played) == []
    for _ in range(60):
        played.round(SILENT)
    assert len(jobs(played)) == 1


def test_what_came_back_under_a_silence_is_inspected_again_when_it_is_told(store: Store) -> None:
    played = night(store)
    played.fire()
    first = played.store.claim_job(now=played.clock.now(), worker="w", lease_s=60, lane="inspect:")
    assert first is not None
    played.store.commit(finished=[replace(first, status=JobStatus.DONE)])
    played.calm()
    played.said()
    silence(played.services, actor=ANA, scope=Scope(host="web1"), seconds=300)
    played.fire()
    assert jobs(played) == []
    for _ in range(60):
        played.round(SILENT)
    assert len(jobs(played)) == 1


# --- silences


def test_a_silence_holds_telling_not_judging_and_tells_once_what_is_left(quiet: Night) -> None:
    silence(quiet.services, actor=ANA, scope=Scope(host="web1"), seconds=600)
    quiet.fire()
    assert quiet.store.alerts(unresolved=True)[0].status is AlertStatus.FIRING
    assert quiet.told() == []
    for _ in range(80):
        quiet.round(SILENT)
    assert quiet.told() == [POST]


def test_what_fired_and_ended_under_a_silence_is_never_told(quiet: Night) -> None:
    silence(quiet.services, actor=ANA, scope=Scope(host="web1", service="shop"), seconds=600)
    quiet.fire()
    quiet.calm()
    for _ in range(80):
        quiet.round()
    assert quiet.told() == []


def test_what_ends_under_a_silence_has_a_true_card_and_no_reply(quiet: Night) -> None:
    quiet.fire()
    quiet.said()
    silence(quiet.services, actor=ANA, scope=Scope(host="web1"), seconds=600)
    quiet.calm()
    said = quiet.said()
    assert {one.operation for one in said} == {EDIT}
    assert said[-1].message.metadata is not None
    assert said[-1].message.metadata.payload["status"] == "resolved"


def test_what_came_back_under_a_silence_is_told_once_when_it_is_over(quiet: Night) -> None:
    quiet.fire()
    quiet.calm()
    quiet.said()
    silence(quiet.services, actor=ANA, scope=Scope(host="web1"), seconds=300)
    quiet.fire()
    assert REPLY not in quiet.told()
    for _ in range(60):
        quiet.round(SILENT)
    assert quiet.told() == [EDIT, REPLY]


def test_a_silence_that_is_ended_tells_what_it_held_back(quiet: Night) -> None:
    silence(quiet.services, actor=ANA, scope=Scope(host="web1"), seconds=3600)
    quiet.fire()
    (made,) = quiet.store.silences(now=quiet.clock.now())
    unsilence(quiet.services, actor=ANA, silence_id=made.id)
    assert quiet.store.silences(now=quiet.clock.now()) == []
    quiet.round(SILENT)
    assert quiet.told() == [POST]


# --- acknowledgements


def test_an_acknowledgement_that_runs_out_is_told_with_a_mention(quiet: Night) -> None:
    quiet.fire()
    acknowledge(quiet.services, actor=ANA, alert=quiet.store.alerts()[0])
    quiet.said()
    quiet.round(SILENT, after_s=4 * 3600 + 1)
    edit, reply = quiet.said()
    assert edit.message.metadata is not None
    assert edit.message.metadata.payload["status"] == "firing"
    assert (
        reply.message.text
        == "ana's acknowledgement has run out, and shop on web1 is still silent, since 03:58. @U0ANA"
    )


# --- severity, races


def test_a_severity_that_rises_is_an_edit_and_a_reply(store: Store) -> None:
    played = night(store, rules=[RuleOverride(name="host_unreachable", for_s=0.0)])
    for _ in range(3):
        played.round(outcome=ProbeOutcome.TIMEOUT)
    assert played.told() == [POST]
    played.round(outcome=ProbeOutcome.HOST_KEY_CHANGED)
    edit, reply = played.said()
    assert (edit.operation, reply.operation) == (EDIT, REPLY)
    assert reply.message.text.startswith("Now critical: web1 shows another host key")


class Racing:
    """A store in which somebody else is quicker the first `times`."""

    def __init__(self, store: Store, times: int) -> None:
        self._store, self.left = store, times

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def commit(self, **parts: object) -> None:
        if self.left:
            self.left -= 1
            raise Conflict("somebody was quicker")
        self._store.commit(**parts)  # type: ignore[arg-type]


def test_a_round_that_lost_a_race_decides_again(quiet: Night) -> None:
    racing = Racing(quiet.store, 3)
    services = replace(quiet.services, store=racing)  # type: ignore[arg-type]
    sample, seen = watch_host("web1", services, previous=None)
    assert (sample.outcome, seen.outcome) == (ProbeOutcome.UNREACHABLE, ProbeOutcome.UNREACHABLE)
    assert [alert.rule for alert in quiet.store.alerts()] == ["host_unreachable"]


def test_a_round_that_always_loses_says_so(quiet: Night) -> None:
    services = replace(quiet.services, store=Racing(quiet.store, 100))  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        watch_host("web1", services, previous=None)


def test_one_look_for_a_person_stores_nothing(quiet: Night) -> None:
    assert probe_now("web1", quiet.services).outcome is ProbeOutcome.UNREACHABLE
    assert quiet.store.observations() == {}
    assert quiet.store.alerts() == []


def test_a_value_that_hovers_at_the_limit_is_told_once_and_ends_where_until_says(store: Store) -> None:
    rule = RuleOverride(name="hot", when="load1 > 8", until="load1 < 4", severity=Severity.WARNING)
    played = night(store, rules=[rule], inspect=NO_INSPECTION)
    for load in (9.0, 7.0, 9.0, 6.0, 8.5, 5.0):
        played.round(metrics={"load1": load})
    assert [one.operation for one in played.said()] == [POST]
    (alert,) = store.alerts(unresolved=True)
    assert alert.status is AlertStatus.FIRING
    played.round(metrics={"load1": 3.0})
    played.round(metrics={"load1": 3.0})
    assert store.alerts(unresolved=True) == []
    assert [one.operation for one in played.said()] == [EDIT, REPLY]
