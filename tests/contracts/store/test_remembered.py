"""What every store must find again of the hangs it was told of."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.diagnosis import Diagnosis, Inspection, Verdict
from bot.domain.evidence import Process
from bot.domain.targets import Target
from bot.ports import Store
from tests.contracts.store.values import NOW

SHOP = Target(host="web1", service="shop")
KEPT_FOR = timedelta(days=90)


def an_inspection(number: int, **changes: object) -> Inspection:
    inspection = Inspection(
        id=f"ins_{number}",
        target=SHOP,
        at=NOW + timedelta(minutes=number),
        diagnosis=Diagnosis(verdict=Verdict.HUNG),
        process=Process(pid=4021, started_at=NOW, command="shop", runtime="python 3.12"),
        fingerprint="f1",
    )
    return replace(inspection, **changes)  # type: ignore[arg-type]


def found(store: Store, mark: str = "f1", service: str | None = "shop") -> list[str]:
    return [one.inspection for one in store.sightings(mark, service=service)]


def test_what_hangs_alike_is_found_on_every_host_newest_first(store: Store) -> None:
    elsewhere = an_inspection(2, target=Target(host="web2", service="shop"))
    store.commit(inspections=[an_inspection(1), elsewhere, an_inspection(3)])
    assert found(store) == ["ins_3", "ins_2", "ins_1"]
    assert store.sightings("f1", service="shop")[1] == elsewhere.sighting
    assert [one.inspection for one in store.sightings("f1", service="shop", limit=1)] == ["ins_3"]


def test_another_fingerprint_and_another_service_are_not(store: Store) -> None:
    bare = an_inspection(3, target=Target(host="web1"))
    store.commit(inspections=[an_inspection(1, fingerprint="f2"), an_inspection(2, fingerprint=""), bare])
    assert found(store) == []
    assert found(store, "") == []
    assert found(store, "f1", None) == ["ins_3"]


def test_an_inspection_that_is_stored_again_is_found_as_it_is_now(store: Store) -> None:
    store.commit(inspections=[an_inspection(1)])
    store.commit(inspections=[an_inspection(1, fingerprint="f2")])
    assert (found(store), found(store, "f2")) == ([], ["ins_1"])


def test_what_is_too_old_to_be_kept_is_forgotten(store: Store) -> None:
    store.commit(inspections=[an_inspection(1)])
    store.prune(now=NOW + KEPT_FOR)
    assert found(store) == ["ins_1"]
    store.prune(now=NOW + KEPT_FOR + timedelta(minutes=2))
    assert found(store) == []
