"""What every store must keep, whichever database is under it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import AlertStatus, Silence
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Place, Verdict
from bot.domain.errors import Conflict
from bot.domain.jobs import JobStatus
from bot.domain.messages import Operation, Posted
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import Target
from bot.ports import Store
from bot.store.opening import open_store
from tests.contracts.store.values import LATER, NOW, a_job, a_notification, an_alert, an_entry, claim


def test_an_alert_comes_back_as_it_was_but_for_its_version(store: Store) -> None:
    store.commit(alerts=[an_alert()])
    assert store.alert("alr_1") == an_alert(version=1)
    assert store.alerts(host="web1", unresolved=True) == [an_alert(version=1)]
    assert store.alerts(host="web2") == []


def test_a_resolved_alert_is_no_longer_unresolved(store: Store) -> None:
    store.commit(alerts=[an_alert()])
    store.commit(alerts=[an_alert(version=1, status=AlertStatus.RESOLVED)])
    assert store.alerts(unresolved=True) == []
    assert len(store.alerts()) == 1


def test_a_stale_alert_is_a_conflict_and_nothing_beside_it_is_written(store: Store) -> None:
    store.commit(alerts=[an_alert()])
    store.commit(alerts=[an_alert(version=1, failures=4)])
    with pytest.raises(Conflict):
        store.commit(
            notifications=[a_notification(1)], jobs=[a_job(1)], alerts=[an_alert(version=1, failures=9)]
        )
    assert store.pending_notifications() == 0
    assert store.claim_job(now=NOW, worker="w1", lease_s=60) is None


def test_an_alert_stored_twice_as_new_is_a_conflict(store: Store) -> None:
    store.commit(alerts=[an_alert()])
    with pytest.raises(Conflict):
        store.commit(alerts=[an_alert()])


def test_a_silence_is_in_force_from_its_start_to_its_end(store: Store) -> None:
    silence = Silence(
        id="sil_1",
        host="web1",
        service=None,
        by="U1",
        name="ana",
        reason="backup",
        starts_at=NOW,
        ends_at=LATER,
    )
    store.commit(silences=[silence])
    assert store.silences(now=NOW) == [silence]
    assert store.silences(now=LATER) == []
    store.commit(silences=[replace(silence, ends_at=NOW)])
    assert store.silences(now=NOW) == []


def test_the_newest_observation_of_each_host_is_kept(store: Store) -> None:
    reading = ServiceReading(state=ServiceState.SILENT, reason="http_timeout", pids=(4021,), backlog=12)
    first = Observation(host="web1", at=NOW, outcome=ProbeOutcome.OK, metrics={"disk_used_ratio": {"/": 0.4}})
    second = replace(first, at=LATER, services={"shop": reading})
    store.commit(observations=[first])
    others = [replace(first, host=name) for name in ("web3", "web2")]
    store.commit(observations=[second, *others])
    assert store.observations() == {"web1": second, "web2": others[1], "web3": others[0]}


def test_an_inspection_comes_back_and_the_last_one_is_found_by_its_target(store: Store) -> None:
    place = Place(
        file="/srv/shop/session.py", line=41, function="inherited", source="return self.get(parent, key)"
    )
    finding = Finding(cause=Cause.INFINITE_RECURSION, confidence=0.95, culprit=place, cycle=(place,))
    target = Target(host="web1", service="shop")
    first = Inspection(
        id="ins_1", target=target, at=NOW, diagnosis=Diagnosis(verdict=Verdict.HUNG, findings=(finding,))
    )
    second = replace(first, id="ins_2", at=LATER)
    store.commit(inspections=[first, second])
    assert store.inspection("ins_1") == first
    assert store.last_inspection(target) == second
    assert store.last_inspection(Target(host="web1")) is None


def test_a_delivery_is_new_once(store: Store) -> None:
    assert store.first_time("envelope-1", now=NOW)
    assert not store.first_time("envelope-1", now=NOW)
    store.prune(now=NOW + timedelta(hours=25))
    assert store.first_time("envelope-1", now=NOW)


def test_a_claimed_message_is_as_it_was_put_in_and_is_not_claimed_twice(store: Store) -> None:
    store.commit(notifications=[a_notification(1)])
    entry = store.claim_notifications(now=NOW, worker="w1", lease_s=60)[0]
    assert entry.notification == a_notification(1)
    assert not entry.doubtful
    assert claim(store) == []


def test_a_message_of_an_id_that_is_known_is_not_said_again(store: Store) -> None:
    store.commit(notifications=[a_notification(1)])
    store.commit(notifications=[a_notification(1)])
    assert store.pending_notifications() == 1


def test_a_reply_waits_for_its_root_and_then_knows_where_it_stands(store: Store) -> None:
    store.commit(notifications=[a_notification(1), a_notification(2, operation=Operation.REPLY)])
    assert claim(store) == ["out_1"]
    assert claim(store) == []
    store.sent("out_1", posted=Posted(channel="C1", ts="1.0"), now=NOW)
    entry = store.claim_notifications(now=NOW, worker="w1", lease_s=60)[0]
    assert (entry.notification.id, entry.root) == ("out_2", Posted(channel="C1", ts="1.0"))


def test_a_reply_does_not_move_the_root(store: Store) -> None:
    store.commit(notifications=[a_notification(1), a_notification(2, operation=Operation.REPLY)])
    for number, ts in ((1, "1.0"), (2, "2.0")):
        claim(store)
        store.sent(f"out_{number}", posted=Posted(channel="C1", ts=ts), now=NOW)
    assert store.posted("alert:alr_1") == Posted(channel="C1", ts="1.0")
    assert store.subject_at(Posted(channel="C1", ts="1.0")) == "alert:alr_1"
    assert store.subject_at(Posted(channel="C1", ts="2.0")) is None


def test_unsent_edits_collapse_into_the_newest(store: Store) -> None:
    edits = [a_notification(number, operation=Operation.EDIT) for number in (2, 3, 4)]
    store.commit(notifications=[a_notification(1), *edits])
    claim(store)
    store.sent("out_1", posted=Posted(channel="C1", ts="1.0"), now=NOW)
    assert claim(store) == ["out_4"]
    store.commit(notifications=[a_notification(5, operation=Operation.EDIT)])
    assert store.pending_notifications() == 2  # the one under way is not taken back


def test_subjects_do_not_wait_for_each_other_and_the_urgent_goes_first(store: Store) -> None:
    urgent = replace(a_notification(2, subject="alert:alr_2"), priority=0)
    store.commit(notifications=[a_notification(1), urgent])
    assert claim(store) == ["out_2", "out_1"]


def test_a_row_whose_sender_is_gone_comes_back_as_doubtful(store: Store) -> None:
    store.commit(notifications=[a_notification(1)])
    claim(store)
    entry = store.claim_notifications(now=LATER, worker="w2", lease_s=60)[0]
    assert entry.doubtful
    assert entry.first_tried_at == NOW


def test_what_is_put_off_is_not_due_before(store: Store) -> None:
    store.commit(notifications=[a_notification(1), a_notification(2, operation=Operation.REPLY)])
    claim(store)
    store.put_off("out_1", until=LATER, error="ratelimited", doubtful=False)
    assert claim(store) == []
    entry = store.claim_notifications(now=LATER, worker="w1", lease_s=60)[0]
    assert (entry.notification.id, entry.attempt, entry.doubtful) == ("out_1", 1, False)


def test_a_dead_row_lets_the_next_one_pass(store: Store) -> None:
    store.commit(notifications=[a_notification(1), a_notification(2, operation=Operation.REPLY)])
    claim(store)
    store.give_up("out_1", error="unknown", now=NOW)
    entry = store.claim_notifications(now=NOW, worker="w1", lease_s=60)[0]
    assert (entry.notification.id, entry.root) == ("out_2", None)


def test_a_job_is_claimed_once_and_again_when_its_worker_is_gone(store: Store) -> None:
    store.commit(jobs=[a_job(1)])
    job = store.claim_job(now=NOW, worker="w1", lease_s=60)
    assert job is not None
    assert (job.id, job.status, job.attempt, dict(job.payload)) == (
        "job_1",
        JobStatus.RUNNING,
        1,
        {"host": "web1"},
    )
    assert store.claim_job(now=NOW, worker="w2", lease_s=60) is None
    again = store.claim_job(now=LATER, worker="w2", lease_s=60)
    assert again is not None
    assert again.attempt == 2


def test_a_lane_is_claimed_by_itself_and_by_whoever_claims_all(store: Store) -> None:
    keys = ("inspect:web1/shop", "act:restart:web1/shop", "actual", "a%t:", "act:run:web1/")
    store.commit(jobs=[a_job(number, key=key) for number, key in enumerate(keys)])
    found = [store.claim_job(now=NOW, worker="w1", lease_s=60, lane="act:") for _ in range(3)]
    assert [job.key if job else None for job in found] == ["act:restart:web1/shop", "act:run:web1/", None]
    rest = [store.claim_job(now=NOW, worker="w1", lease_s=60) for _ in range(4)]
    assert [job.key if job else None for job in rest] == ["inspect:web1/shop", "actual", "a%t:", None]
    again = store.claim_job(now=LATER, worker="w2", lease_s=60, lane="act:")
    assert again is not None
    assert again.attempt == 2


def test_a_second_job_of_an_unfinished_key_is_left_out(store: Store) -> None:
    store.commit(jobs=[a_job(1)])
    store.commit(jobs=[a_job(2)])
    assert store.job("job_2") is None
    job = store.claim_job(now=NOW, worker="w1", lease_s=60)
    assert job is not None
    store.commit(finished=[replace(job, status=JobStatus.DONE, result="ins_1")])
    store.commit(jobs=[a_job(2)])
    finished, second = store.job("job_1"), store.job("job_2")
    assert finished is not None
    assert (finished.status, finished.result) == (JobStatus.DONE, "ins_1")
    assert second is not None


def test_an_audit_entry_of_an_id_that_is_known_is_not_told_again(store: Store) -> None:
    store.commit(audit=[an_entry(1)])
    store.commit(audit=[an_entry(1), an_entry(2)])
    assert store.audit() == [an_entry(2), an_entry(1)]


def test_a_store_of_another_process_sees_what_this_one_wrote(store: Store, url: str) -> None:
    store.commit(alerts=[an_alert()])
    other = open_store(url)
    assert other.alert("alr_1") == an_alert(version=1)
    other.close()


def test_texts_that_only_one_kind_of_database_would_take_are_stored_on_both(store: Store) -> None:
    long = "x" * 1000
    store.commit(notifications=[a_notification(1, subject=f"alert:{long}")], jobs=[a_job(1, key=long)])
    claim(store)
    store.give_up("out_1", error="cut\0off", now=NOW)
    assert store.first_time(f"envelope\0{long}", now=NOW)
    assert not store.first_time(f"envelope\0{long}", now=NOW)
