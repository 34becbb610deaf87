"""What every store must keep when many write at once: threads with one store, and processes with one each."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.errors import Conflict
from bot.domain.messages import Operation, Posted
from bot.ports import Store
from bot.store import outbox
from bot.store.sql import SqlStore
from tests.contracts.store.test_cases import an_action, an_event, an_incident
from tests.contracts.store.values import NOW, a_job, a_notification, an_alert, claim

ROOT = Path(__file__).resolve().parents[3]
MANY = 8


def at_once(acts: Sequence[Callable[[], None]]) -> int:
    """Do all of it at the same moment; return how many were no Conflict."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], None]) -> bool:
        barrier.wait(30)
        try:
            act()
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return sum(pool.map(one, acts))


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


def test_of_those_who_change_one_thing_at_once_one_succeeds(store: Store) -> None:
    store.commit(alerts=[an_alert()], actions=[an_action()])
    alerts = [lambda n=n: store.commit(alerts=[an_alert(version=1, failures=n)]) for n in range(MANY)]
    assert at_once(alerts) == 1
    run = an_action(version=1, status=ActionStatus.APPROVED)
    jobs = [lambda n=n: store.commit(actions=[run], jobs=[a_job(n, key=f"act:{n}")]) for n in range(MANY)]
    assert at_once(jobs) == 1
    assert len([n for n in range(MANY) if store.job(f"job_{n}")]) == 1


@pytest.mark.parametrize("number", range(3))
def test_of_those_who_add_the_same_at_once_one_succeeds(store: Store, number: int) -> None:
    assert at_once([lambda: store.commit(alerts=[an_alert(number)])] * MANY) == 1
    counted = [replace(an_incident(n), number=number) for n in range(MANY)]
    assert at_once([lambda one=one: store.commit(incidents=[one]) for one in counted]) == 1


def test_what_is_known_is_left_out_by_all_who_come_at_once(store: Store) -> None:
    def same(number: int) -> None:
        store.commit(
            notifications=[a_notification(1)],
            jobs=[a_job(number)],
            events=[an_event(1)],
        )
        store.first_time("envelope", now=NOW)

    assert at_once([lambda n=n: same(n) for n in range(MANY)]) == MANY
    assert store.pending_notifications() == 1
    assert len([n for n in range(MANY) if store.job(f"job_{n}")]) == 1


def test_those_who_write_the_same_things_in_other_orders_do_not_wait_for_each_other_for_ever(
    store: Store,
) -> None:
    numbers = list(range(30))
    jobs = [a_job(number, key=f"inspect:{number}") for number in numbers]
    said = [a_notification(number, subject=f"alert:{number}") for number in numbers]
    new = [an_alert(number) for number in numbers]
    changed = [an_alert(number, version=1) for number in numbers]
    orders = [(-1) ** n for n in range(MANY)]
    assert at_once([lambda n=n: store.commit(alerts=new[::n]) for n in orders]) == 1
    assert at_once([lambda n=n: store.commit(alerts=changed[::n]) for n in orders]) == 1
    assert at_once([lambda n=n: store.commit(jobs=jobs[::n]) for n in orders]) == MANY
    assert at_once([lambda n=n: store.commit(notifications=said[::n]) for n in orders]) == MANY


def test_a_message_is_not_overtaken_by_one_of_its_subject_that_was_put_in_after_it(store: SqlStore) -> None:
    later = a_notification(2, operation=Operation.REPLY)
    with ThreadPoolExecutor(1) as pool:
        with store._transaction() as connection:
            outbox.put(connection, [a_notification(1)])
            waits = pool.submit(store.commit, notifications=[later])
            assert wait([waits], timeout=0.3).not_done  # it would get the lower place, or be seen first
        waits.result(30)
    assert claim(store) == ["out_1"]
    assert claim(store) == []
    store.sent("out_1", posted=Posted(channel="C1", ts="1.0"), now=NOW)
    assert claim(store) == ["out_2"]


SENDER = """
import json, sys, time
from datetime import UTC, datetime
from bot.domain.messages import Posted
from bot.store.opening import open_store
store, worker = open_store(sys.argv[1]), sys.argv[2]
now = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
while store.posted("the end") is None:
    for entry in store.claim_notifications(now=now, worker=worker, lease_s=600, limit=2):
        notification, began = entry.notification, time.monotonic_ns()
        time.sleep(0.001)
        ended = time.monotonic_ns()
        print(json.dumps([notification.subject, notification.id, began, ended]), flush=True)
        store.sent(notification.id, posted=Posted(channel="C", ts=notification.id), now=now)
store.close()
"""


def test_processes_send_each_subject_in_order_and_one_at_a_time_while_others_write(
    store: Store, url: str
) -> None:
    """Several senders and writers at once: nothing is said twice, nothing of a subject side by side or out of order."""
    subjects, each = [f"alert:{number}" for number in range(3)], 20
    senders = [
        subprocess.Popen((sys.executable, "-c", SENDER, url, f"w{number}"), cwd=ROOT, text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number in range(3)
    ]  # fmt: skip

    def write(writer: int) -> None:
        for number in range(each):
            replies = [
                replace(
                    a_notification(0, subject=subject, operation=Operation.REPLY),
                    id=f"out_{writer}-{number:03}-{subject}",
                )
                for subject in subjects[:: (-1) ** writer]
            ]
            store.commit(notifications=replies)

    try:
        for sender in senders:
            assert sender.stdout is not None
            assert sender.stdin is not None
            assert sender.stdout.readline() == "ready\n"
            sender.stdin.write("go\n")
            sender.stdin.flush()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        while store.pending_notifications():
            pass
        store.commit(notifications=[a_notification(0, subject="the end")])
        said = [
            json.loads(line) for sender in senders for line in sender.communicate(timeout=60)[0].splitlines()
        ]
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
    told = [one for one in said if one[0] != "the end"]
    assert len({one[1] for one in told}) == len(told) == 4 * each * len(subjects)
    for subject in subjects:
        own = sorted((one for one in told if one[0] == subject), key=lambda one: one[2])
        assert all(first[3] <= second[2] for first, second in pairwise(own))
        for writer in range(4):
            order = [one[1] for one in own if one[1].startswith(f"out_{writer}-")]
            assert order == sorted(order)
