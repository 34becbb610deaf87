"""Everything of one database moves to another, of whichever kind."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.domain.audit import Intact, verify
from bot.domain.diagnosis import Diagnosis, Inspection, Verdict
from bot.domain.errors import StoreFault
from bot.domain.messages import Operation, Posted
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.targets import Target
from bot.store import copying, migrate
from bot.store.database import open_engine
from bot.store.history import SqlHistory
from bot.store.opening import open_store
from bot.store.schema import metadata
from bot.store.sql import SqlStore
from tests import postgres
from tests.contracts.store.test_cases import a_review, an_action, an_event, an_incident
from tests.contracts.store.values import NOW, a_job, a_notification, an_alert, an_entry, claim
from tests.stores import KINDS


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/target.db"
    else:
        with postgres.empty_database() as url:
            yield url


def fill(store: SqlStore) -> None:
    """Put something into every table."""
    shop = Target(host="web1", service="shop")
    store.commit(
        alerts=[an_alert(number) for number in range(1200)],
        inspections=[Inspection(id="ins_1", target=shop, at=NOW, diagnosis=Diagnosis(verdict=Verdict.HUNG))],
        observations=[Observation(host="web1", at=NOW, outcome=ProbeOutcome.OK)],
        notifications=[a_notification(1), a_notification(2, operation=Operation.REPLY)],
        jobs=[a_job(1)],
        actions=[an_action()],
        incidents=[an_incident()],
        reviews=[a_review()],
        events=[an_event()],
        audit=[an_entry(1), an_entry(2)],
    )
    history = SqlHistory(store.engine)
    history.record([Observation(host="web1", at=NOW, outcome=ProbeOutcome.OK, metrics={"load1": 1.0})])
    history.flush()
    claim(store)
    store.sent("out_1", posted=Posted(channel="C1", ts="1.0"), now=NOW)
    store.first_time("envelope", now=NOW)


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = open_engine(url)
    with engine.begin() as connection:
        found = {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_every_row_arrives_as_it_is_and_the_new_database_goes_on_from_there(
    store: SqlStore, url: str, target: str
) -> None:
    fill(store)
    copied = copying.copy(url, target, audit_key=None)
    assert (copied["alerts"], copied["outbox"], copied["audit"]) == (1200, 2, 2)
    assert rows_of(target) == rows_of(url)
    moved = open_store(target)
    moved.commit(
        notifications=[a_notification(3, operation=Operation.REPLY)],
        events=[an_event(2)],
        audit=[an_entry(3)],
    )
    assert claim(moved) == ["out_2"]
    moved.sent("out_2", posted=Posted(channel="C1", ts="2.0"), now=NOW)
    assert claim(moved) == ["out_3"]
    found = verify(moved.audit_links(), key=None)
    assert isinstance(found, Intact)
    assert found.entries == 3
    moved.close()


def test_a_database_that_holds_anything_is_left_as_it_is(store: SqlStore, url: str, target: str) -> None:
    fill(store)
    migrate.upgrade(target)
    other = open_store(target)
    other.commit(alerts=[an_alert(7)])
    before = rows_of(target)
    with pytest.raises(StoreFault, match=r"not empty \(alerts\): nothing was copied"):
        copying.copy(url, target, audit_key=None)
    assert rows_of(target) == before
    other.close()


def test_what_breaks_off_in_the_middle_leaves_nothing(store: SqlStore, url: str, target: str) -> None:
    fill(store)
    migrate.upgrade(target)
    engine = open_engine(target)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE reviews"))
        connection.execute(sa.text("CREATE TABLE reviews (id VARCHAR PRIMARY KEY)"))
    engine.dispose()
    with pytest.raises((StoreFault, sa.exc.DBAPIError)):
        copying.copy(url, target, audit_key=None)
    engine = open_engine(target)
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM alerts")).scalar() == 0
    engine.dispose()
    assert replace(an_alert(), version=1) == store.alert("alr_1")
