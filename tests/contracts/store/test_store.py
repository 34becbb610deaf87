"""What every store must keep, whichever database is under it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.alerts import Alert, AlertStatus, Severity, Silence
from bot.domain.audit import AuditEntry
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Place, Verdict
from bot.domain.errors import Conflict, StoreFault
from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.messages import (
    Button,
    Buttons,
    Menu,
    Message,
    Notification,
    Operation,
    Posted,
    When,
    bold,
    say,
)
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import Target
from bot.ports import Store
from bot.store import migrate, open_store
from tests.stores import fresh_store

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = {"sqlite": fresh_store}[request.param](tmp_path)
    yield opened
    opened.close()


def an_alert(number: int = 1, **changes: object) -> Alert:
    alert = Alert(
        id=f"alr_{number}",
        rule="service_silent",
        target=Target(host="web1", service="shop"),
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        since=NOW,
        reasons=(clue("http_timeout", seconds=3.0),),
        updated_at=NOW,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]


def a_message(text: str = "shop on web1 does not answer") -> Message:
    menu = Menu(action="silence", label="Silence", options=(("30 m", "30m|alr_1"),))
    button = Button(action="ack", label="Acknowledge", value="alr_1")
    when = When(at=NOW, fallback="04:00")
    return Message(
        text=text, title=say(bold("shop"), " since ", when), sections=(Buttons(buttons=(button, menu)),)
    )


def a_notification(
    number: int, *, subject: str = "alert:alr_1", operation: Operation = Operation.POST
) -> Notification:
    return Notification(
        id=f"out_{number}",
        subject=subject,
        operation=operation,
        message=a_message(f"message {number}"),
        created_at=NOW,
        channel="#ops",
    )


def a_job(number: int, *, key: str = "inspect:web1/shop") -> Job:
    return Job(
        id=f"job_{number}",
        kind=JobKind.INSPECT,
        key=key,
        payload={"host": "web1"},
        created_at=NOW,
        due_at=NOW,
    )


def claim(store: Store, now: datetime = NOW) -> list[str]:
    claimed = store.claim_notifications(now=now, worker="w1", lease_s=60)
    return [entry.notification.id for entry in claimed]


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
    store.commit(observations=[second])
    assert store.observations() == {"web1": second}


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


def test_many_threads_never_claim_the_same(store: Store) -> None:
    store.commit(
        notifications=[a_notification(number, subject=f"alert:{number}") for number in range(60)],
        jobs=[a_job(number, key=f"inspect:{number}") for number in range(60)],
    )

    def take(worker: int) -> list[str]:
        taken = []
        while True:
            entries = store.claim_notifications(now=NOW, worker=f"w{worker}", lease_s=60, limit=2)
            job = store.claim_job(now=NOW, worker=f"w{worker}", lease_s=60)
            if not entries and job is None:
                return taken
            taken += [entry.notification.id for entry in entries] + ([job.id] if job else [])

    with ThreadPoolExecutor(6) as pool:
        taken = [one for many in pool.map(take, range(6)) for one in many]
    assert len(taken) == 120
    assert len(set(taken)) == 120


def test_two_people_at_once_give_one_change(store: Store) -> None:
    store.commit(alerts=[an_alert()])

    def change(number: int) -> bool:
        try:
            store.commit(alerts=[an_alert(version=1, failures=number)])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(change, range(8))) == 1


def test_the_audit_trail_is_only_ever_added_to(store: Store, tmp_path: Path) -> None:
    entry = AuditEntry(id="aud_1", at=NOW, actor="U1", verb="ack", target="shop on web1", outcome="done")
    store.commit(audit=[entry])
    assert store.audit() == [entry]
    with sqlite3.connect(tmp_path / "hangbot.db") as direct:
        for statement in ("UPDATE audit SET body = ''", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                direct.execute(statement)
    direct.close()


WRITER = """
import sys
from datetime import UTC, datetime
from bot.domain.messages import Message, Notification, Operation
from bot.store import open_store
store = open_store(sys.argv[1])
number = int(sys.argv[2])
while True:
    number += 1
    row = Notification(id=f"out_{number}", subject=f"alert:{number}", operation=Operation.POST, channel="#ops",
                       message=Message(text="t"), created_at=datetime(2026, 11, 24, tzinfo=UTC))
    store.commit(notifications=[row])
    print(number, flush=True)
"""


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    fresh_store(tmp_path).close()
    url, last = f"sqlite:///{tmp_path}/hangbot.db", 0
    for _ in range(8):
        argv = (sys.executable, "-c", WRITER, url, str(last + 1000))
        with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.1)
            os.kill(writer.pid, signal.SIGKILL)
            said = [int(line) for line in writer.stdout.read().splitlines()]
        last = max([last + 1001, *said])
        with sqlite3.connect(tmp_path / "hangbot.db") as direct:
            stored = {row[0] for row in direct.execute("SELECT id FROM outbox")}
        direct.close()
        assert {f"out_{number}" for number in said} <= stored


def test_the_schema_goes_from_nothing_to_head_and_then_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert migrate.current(url) is None
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0
    migrate.upgrade(url)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("my notes, not a database\n" * 100)
    with pytest.raises(StoreFault, match="left as it is"):
        migrate.upgrade(f"sqlite:///{file}")
    assert file.read_text().startswith("my notes")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    fresh_store(tmp_path).close()
    with sqlite3.connect(tmp_path / "hangbot.db") as direct:
        direct.execute("UPDATE alembic_version SET version_num = '9999'")
    direct.close()
    with pytest.raises(StoreFault, match="newer"):
        migrate.is_current(f"sqlite:///{tmp_path}/hangbot.db")


def test_a_store_of_another_process_sees_what_this_one_wrote(store: Store, tmp_path: Path) -> None:
    store.commit(alerts=[an_alert()])
    other = open_store(f"sqlite:///{tmp_path}/hangbot.db")
    assert other.alert("alr_1") == an_alert(version=1)
    other.close()
