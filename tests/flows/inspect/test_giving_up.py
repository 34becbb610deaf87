"""An inspection that ends in a fault of ours is tried again, then given up, and that is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.jobs import Job, JobStatus
from bot.domain.messages import Operation
from bot.flows import inspect
from tests.flows.watch.night import Night, night
from tests.stores import fresh_store


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    yield night(store)
    store.close()


def claimed(bot: Night) -> Job | None:
    bot.clock.at = bot.clock.at.replace(hour=bot.clock.at.hour + 1)  # any lease has run out by then
    return bot.store.claim_job(now=bot.clock.now(), worker="w", lease_s=60, lane="inspect:")


def test_an_inspection_that_fails_each_time_is_told_as_failed_and_not_tried_for_ever(bot: Night) -> None:
    bot.fire()
    bot.said()
    for _ in range(inspect.MOST_ATTEMPTS):
        job = claimed(bot)
        assert job is not None
        with pytest.raises(NotImplementedError):  # what this host raises: no HostFailure, but a fault of ours
            inspect.run_job(job, bot.services)
    last = claimed(bot)
    assert last is not None
    inspect.run_job(last, bot.services)
    assert claimed(bot) is None
    stored = bot.store.job(last.id)
    assert stored is not None
    assert stored.status is JobStatus.FAILED
    replies = [one for one in bot.said() if one.operation is Operation.REPLY]
    assert [one.message.text for one in replies] == [
        "shop on web1: I could not look, web1 could not be asked."
    ]
