"""A wall clock that is set back or on brings nothing too early, and holds nothing back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.heartbeats import Heartbeat
from bot.domain.jobs import IN_SO_LONG, Job, JobKind
from bot.ports import Store
from tests.contracts.store.values import NOW, a_notification

HOUR = timedelta(hours=1)
LEASE_S = 60.0


def claimed(store: Store, *, after: timedelta) -> list[str]:
    found = store.claim_notifications(now=NOW + after, worker="w2", lease_s=LEASE_S)
    return [one.notification.id for one in found]


def a_job(kind: JobKind) -> Job:
    return Job(id=f"job_{kind}", kind=kind, key=kind, created_at=NOW, due_at=NOW + timedelta(minutes=10))


@pytest.mark.parametrize("back", [HOUR, 24 * HOUR])
def test_a_message_that_waited_when_the_clock_was_set_back_goes_out_at_once(
    store: Store, back: timedelta
) -> None:
    store.commit(notifications=[a_notification(1)])
    assert claimed(store, after=-back) == ["out_1"]


@pytest.mark.parametrize("back", [HOUR, 24 * HOUR])
def test_a_message_whose_sender_died_before_the_clock_was_set_back_is_taken_over(
    store: Store, back: timedelta
) -> None:
    store.commit(notifications=[a_notification(1)])
    assert claimed(store, after=timedelta()) == ["out_1"]
    assert claimed(store, after=timedelta(seconds=-30)) == [], (
        "it may live on a machine that is a little ahead"
    )
    (entry,) = store.claim_notifications(now=NOW - back, worker="w2", lease_s=LEASE_S)
    assert entry.doubtful


def test_what_the_chat_put_off_is_put_off_by_as_long(store: Store) -> None:
    store.commit(notifications=[a_notification(1)])
    claimed(store, after=timedelta())
    store.put_off("out_1", until=NOW + timedelta(seconds=300), error="ratelimited", doubtful=False)
    store.shift_deadlines(-200.0)
    assert claimed(store, after=timedelta(seconds=99)) == []
    assert claimed(store, after=timedelta(seconds=100)) == ["out_1"]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 24 * HOUR])
@pytest.mark.parametrize("kind", list(JobKind))
def test_a_job_in_ten_minutes_stays_one_and_one_at_a_time_of_day_too(
    store: Store, kind: JobKind, jump: timedelta
) -> None:
    store.commit(jobs=[a_job(kind)])
    store.shift_deadlines(jump.total_seconds())
    moved = jump if kind in IN_SO_LONG else timedelta()
    due = NOW + moved + timedelta(minutes=10)
    assert store.claim_job(now=due - timedelta(seconds=1), worker="w", lease_s=LEASE_S) is None
    job = store.claim_job(now=due, worker="w", lease_s=LEASE_S)
    assert job is not None
    assert job.due_at == due


def test_a_job_that_runs_is_taken_from_nobody_by_a_jump(store: Store) -> None:
    store.commit(jobs=[a_job(JobKind.ACT)])
    began = NOW + timedelta(minutes=10)
    assert store.claim_job(now=began, worker="w", lease_s=LEASE_S)
    for jump in (HOUR, -HOUR):
        store.shift_deadlines(jump.total_seconds())
        began += jump
        assert store.claim_job(now=began + timedelta(seconds=59), worker="w2", lease_s=LEASE_S) is None
    assert store.claim_job(now=began + timedelta(seconds=61), worker="w2", lease_s=LEASE_S)


def test_a_heartbeat_is_as_old_as_it_was(store: Store) -> None:
    store.commit(heartbeats=[Heartbeat(name="backup", at=NOW, reported=True)])
    store.shift_deadlines(3600.0)
    assert store.heartbeats() == {"backup": Heartbeat(name="backup", at=NOW + HOUR, reported=True)}


def test_who_listened_for_a_heartbeat_is_kept_and_moves_with_it(store: Store) -> None:
    beat = Heartbeat(name="backup", at=NOW, heard_at=NOW + HOUR, unheard=(NOW, NOW + HOUR))
    store.commit(heartbeats=[Heartbeat(name="backup", at=NOW)])
    store.listened([beat])
    assert store.heartbeats() == {"backup": beat}
    store.shift_deadlines(3600.0)
    later = replace(beat, at=NOW + HOUR, heard_at=NOW + 2 * HOUR, unheard=(NOW + HOUR, NOW + 2 * HOUR))
    assert store.heartbeats() == {"backup": later}


def test_who_listened_for_an_older_report_does_not_undo_a_newer_one(store: Store) -> None:
    known = Heartbeat(name="backup", at=NOW)
    fresh = Heartbeat(name="backup", at=NOW + HOUR, reported=True)
    store.commit(heartbeats=[known])
    store.commit(heartbeats=[fresh])
    store.listened([replace(known, heard_at=NOW + HOUR), Heartbeat(name="ghost", at=NOW)])
    assert store.heartbeats() == {"backup": fresh}


def test_what_was_sent_keeps_its_time(store: Store) -> None:
    store.commit(notifications=[a_notification(1)])
    claimed(store, after=timedelta())
    store.give_up("out_1", error="x", now=NOW)
    store.shift_deadlines(-3600.0)
    assert claimed(store, after=24 * HOUR) == []
