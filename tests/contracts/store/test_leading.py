"""One leads, and what a leader writes whose term is over is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.domain.errors import StoreFault
from bot.domain.leading import Lead
from bot.domain.messages import Posted
from bot.ports import Store
from bot.store.opening import open_store
from bot.store.sql import SqlStore
from tests.contracts.store.values import NOW, a_job, a_notification, an_alert

WRITES: dict[str, Callable[[Store], object]] = {
    "commit": lambda store: store.commit(alerts=[an_alert(7)]),
    "claim_notifications": lambda store: store.claim_notifications(now=NOW, worker="w1", lease_s=60),
    "sent": lambda store: store.sent("out_1", posted=Posted(channel="C1", ts="1.1"), now=NOW),
    "put_off": lambda store: store.put_off("out_1", until=NOW, error="x", doubtful=True),
    "give_up": lambda store: store.give_up("out_1", error="x", now=NOW),
    "claim_job": lambda store: store.claim_job(now=NOW, worker="w1", lease_s=60),
    "renew_job": lambda store: store.renew_job("job_1", worker="w1", now=NOW, lease_s=60),
    "first_time": lambda store: store.first_time("key", now=NOW),
    "shift_deadlines": lambda store: store.shift_deadlines(5.0),
    "prune": lambda store: store.prune(now=NOW),
}


def leads(store: Store, worker: str = "web1:7") -> Lead:
    lead = store.lead(worker=worker, process=f"boot {worker}", after=store.leader())
    assert lead is not None
    return lead


def test_nobody_leads_at_first(store: Store) -> None:
    assert store.leader() is None


def test_each_term_is_one_more(store: Store) -> None:
    first, second = leads(store), leads(store, "web2:8")
    assert (first.term, second.term) == (1, 2)
    found = store.leader()
    assert found == second
    assert found is not None
    assert (found.worker, found.process) == ("web2:8", "boot web2:8")


def test_who_read_before_somebody_else_took_it_does_not_get_it(store: Store) -> None:
    leads(store)
    seen = store.leader()
    leads(store, "web2:8")
    assert store.lead(worker="web3:9", process="", after=seen) is None


def test_who_read_before_a_sign_of_life_does_not_get_it(store: Store) -> None:
    mine = leads(store)
    seen = store.leader()
    assert store.keep_leading(mine) is not None
    assert store.lead(worker="web2:8", process="", after=seen) is None


def test_who_leads_no_more_is_told_when_it_shows_that_it_lives(store: Store) -> None:
    mine = leads(store)
    kept = store.keep_leading(mine)
    assert kept is not None
    assert kept.beat == mine.beat + 1
    leads(store, "web2:8")
    assert store.keep_leading(kept) is None


def test_a_sign_of_life_whose_answer_was_lost_is_no_others(store: Store) -> None:
    mine = leads(store)
    store.keep_leading(mine)  # it was stored, and nobody heard so
    assert store.keep_leading(mine) is not None


def test_who_leaves_leaves_it_free_and_nobody_elses(store: Store) -> None:
    mine = leads(store)
    store.stop_leading(mine)
    found = store.leader()
    assert found is not None
    assert found.is_free
    other = leads(store, "web2:8")
    store.stop_leading(mine)
    assert store.leader() == other


@pytest.mark.parametrize("name", WRITES)
def test_a_leader_whose_term_is_over_writes_nothing(store: SqlStore, url: str, name: str) -> None:
    leads(store)
    store.commit(notifications=[a_notification(1)], jobs=[a_job(1)])
    other = open_store(url)
    try:
        leads(other, "web2:8")
        with pytest.raises(StoreFault, match="another hangbot"):
            WRITES[name](store)
        assert other.alert(an_alert(7).id) is None
        assert other.pending_notifications() == 1
        (entry,) = other.claim_notifications(now=NOW, worker="w2", lease_s=60)
        assert (entry.attempt, entry.doubtful) == (0, False)
        assert other.claim_job(now=NOW, worker="w2", lease_s=60) is not None
        assert other.first_time("key", now=NOW)
    finally:
        other.close()


def test_a_leader_writes_and_so_does_a_command_beside_it(store: SqlStore, url: str) -> None:
    leads(store)
    beside = open_store(url)
    try:
        store.commit(alerts=[an_alert(1)])
        beside.commit(alerts=[an_alert(2)])
    finally:
        beside.close()
    assert len(store.alerts()) == 2


@pytest.mark.parametrize("first", [True, False], ids=["of_the_first_term", "of_the_next"])
def test_of_many_who_want_it_at_once_one_gets_it(store: Store, first: bool) -> None:
    if not first:
        leads(store)
    seen, barrier = store.leader(), Barrier(8)

    def one(number: int) -> Lead | None:
        barrier.wait(30)
        return store.lead(worker=f"web{number}:1", process="", after=seen)

    with ThreadPoolExecutor(8) as pool:
        got = [lead for lead in pool.map(one, range(8)) if lead is not None]
    assert len(got) == 1
    assert store.leader() == got[0]
