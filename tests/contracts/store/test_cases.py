"""What every store must keep of acts, incidents, reviews and the timeline."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actions import Action, ActionStatus, Approval
from bot.domain.errors import Conflict
from bot.domain.incidents import Incident
from bot.domain.jobs import JobStatus
from bot.domain.reviews import Person, Review, ReviewStatus
from bot.domain.targets import Target
from bot.domain.timeline import EventKind, TimelineEvent
from bot.ports import Store
from tests.contracts.store.values import LATER, NOW, a_job, an_entry

SHOP = Target(host="web1", service="shop")
WEB1 = Target(host="web1")
YEARS = timedelta(days=366)


def an_action(number: int = 1, **changes: object) -> Action:
    action = Action(
        id=f"act_{number}",
        verb="restart",
        target=SHOP,
        remedy="restart_unit",
        command=("systemctl", "restart", "shop.service"),
        asked=Approval(by="U1", name="ana", at=NOW, groups=frozenset({"S1"})),
        expires_at=LATER,
        status=ActionStatus.PROPOSED,
        updated_at=NOW,
    )
    return replace(action, **changes)  # type: ignore[arg-type]


def an_incident(number: int = 1, **changes: object) -> Incident:
    incident = Incident(
        id=f"inc_{number}",
        number=number,
        title="shop silent on web1",
        opened_by="U1",
        opened_name="ana",
        opened_at=NOW,
        since=NOW,
        targets=(SHOP,),
        updated_at=NOW,
    )
    return replace(incident, **changes)  # type: ignore[arg-type]


def a_review(number: int = 1, **changes: object) -> Review:
    ana = Person(id="U1", name="ana", zone="Europe/Berlin")
    review = Review(
        id=f"rev_{number}",
        incident="inc_1",
        start=LATER,
        zone="Europe/Berlin",
        minutes=45,
        organiser=ana,
        invitees=(ana,),
        status=ReviewStatus.PROPOSED,
        updated_at=NOW,
    )
    return replace(review, **changes)  # type: ignore[arg-type]


def an_event(number: int = 1, **changes: object) -> TimelineEvent:
    event = TimelineEvent(id=f"evt_{number}", at=NOW, kind=EventKind.FIRED, target=SHOP)
    return replace(event, **changes)  # type: ignore[arg-type]


def ids(found: list[TimelineEvent]) -> list[str]:
    return [event.id for event in found]


def test_an_action_an_incident_and_a_review_come_back_as_they_were_but_for_their_version(
    store: Store,
) -> None:
    store.commit(actions=[an_action()], incidents=[an_incident()], reviews=[a_review()])
    assert store.action("act_1") == an_action(version=1)
    assert store.incident("inc_1") == an_incident(version=1)
    assert store.review("rev_1") == a_review(version=1)
    assert (store.action("act_2"), store.incident("inc_2"), store.review("rev_2")) == (None, None, None)


@pytest.mark.parametrize(
    "stale",
    [{"actions": [an_action()]}, {"incidents": [an_incident()]}, {"reviews": [a_review()]}],
    ids=["action", "incident", "review"],
)
def test_what_is_stored_twice_as_new_or_changed_twice_is_a_conflict_and_nothing_beside_it_is_written(
    store: Store, stale: dict[str, list[Action | Incident | Review]]
) -> None:
    store.commit(**stale)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        store.commit(**stale, jobs=[a_job(1)], audit=[an_entry(1)], events=[an_event(1)])  # type: ignore[arg-type]
    changed = {kind: [replace(one, version=1) for one in values] for kind, values in stale.items()}
    store.commit(**changed)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        store.commit(**changed, jobs=[a_job(1)], audit=[an_entry(1)], events=[an_event(1)])  # type: ignore[arg-type]
    assert store.job("job_1") is None
    assert store.audit() == []
    assert store.events(since=NOW, targets=[SHOP]) == []


def test_actions_are_found_by_target_and_by_being_unfinished_newest_first(store: Store) -> None:
    later = replace(an_action(2).asked, at=LATER)
    on_host = an_action(3, target=WEB1)
    store.commit(actions=[an_action(1, status=ActionStatus.HELD), an_action(2, asked=later), on_host])
    assert [one.id for one in store.actions()] == ["act_2", "act_3", "act_1"]
    assert [one.id for one in store.actions(target=SHOP)] == ["act_2", "act_1"]
    assert [one.id for one in store.actions(target=WEB1)] == ["act_3"]
    assert [one.id for one in store.actions(target=SHOP, unfinished=True)] == ["act_2"]
    assert [one.id for one in store.actions(limit=1)] == ["act_2"]


def test_incidents_are_counted_up_and_a_number_belongs_to_one_alone(store: Store) -> None:
    assert store.next_incident_number() == 1
    store.commit(incidents=[an_incident(1)])
    assert store.next_incident_number() == 2
    with pytest.raises(Conflict):
        store.commit(incidents=[replace(an_incident(2), number=1)])
    store.commit(incidents=[an_incident(2)])
    store.commit(incidents=[an_incident(1, version=1, resolved_at=LATER)])
    assert [one.number for one in store.incidents()] == [2, 1]
    assert [one.number for one in store.incidents(unresolved=True)] == [2]


def test_reviews_are_listed_by_when_they_were_first_stored(store: Store) -> None:
    store.commit(reviews=[a_review(1), a_review(2, incident="inc_2", updated_at=LATER)])
    store.commit(reviews=[a_review(1, version=1, updated_at=LATER + timedelta(hours=1))])
    assert [one.id for one in store.reviews()] == ["rev_2", "rev_1"]
    assert [one.id for one in store.reviews(incident="inc_1")] == ["rev_1"]


def test_an_event_of_an_id_that_is_known_is_not_told_again(store: Store) -> None:
    store.commit(events=[an_event(1, by="U1")])
    store.commit(events=[an_event(1, by="U2"), an_event(2)])
    assert store.events(since=NOW, targets=[SHOP]) == [an_event(1, by="U1"), an_event(2)]


def test_events_are_found_by_their_window_and_by_their_target(store: Store) -> None:
    pay = Target(host="web1", service="pay")
    store.commit(
        events=[
            an_event(1, at=LATER),
            an_event(2, target=WEB1),
            an_event(3, target=pay),
            an_event(4, target=Target(host="web2", service="shop")),
            an_event(5, target=None),
            an_event(6, at=NOW - timedelta(seconds=1)),
        ]
    )
    assert ids(store.events(since=NOW, targets=[SHOP])) == ["evt_1"]
    assert ids(store.events(since=NOW, until=NOW, targets=[SHOP, pay])) == ["evt_3"]
    assert ids(store.events(since=NOW, targets=[WEB1])) == ["evt_2", "evt_3", "evt_1"]
    assert store.events(since=NOW) == []


def test_the_events_of_an_incident_are_told_whenever_they_were_and_once(store: Store) -> None:
    before = NOW - timedelta(days=2)
    store.commit(
        events=[an_event(1, incident="inc_1"), an_event(2, at=before, incident="inc_1", target=None)]
    )
    store.commit(events=[an_event(3, incident="inc_2", target=None), an_event(4)])
    assert ids(store.events(since=NOW, targets=[SHOP], incident="inc_1")) == ["evt_2", "evt_1", "evt_4"]


def test_a_lease_is_renewed_by_its_worker_alone_and_while_the_job_runs(store: Store) -> None:
    store.commit(jobs=[a_job(1)])
    assert not store.renew_job("job_1", worker="w1", now=NOW, lease_s=60)
    job = store.claim_job(now=NOW, worker="w1", lease_s=60)
    assert job is not None
    assert not store.renew_job("job_1", worker="w2", now=NOW, lease_s=600)
    assert store.renew_job("job_1", worker="w1", now=NOW, lease_s=600)
    assert store.claim_job(now=LATER, worker="w2", lease_s=60) is None
    store.commit(finished=[replace(job, status=JobStatus.DONE)])
    assert not store.renew_job("job_1", worker="w1", now=NOW, lease_s=600)


def test_a_job_may_follow_itself_under_the_same_key(store: Store) -> None:
    store.commit(jobs=[a_job(1)])
    job = store.claim_job(now=NOW, worker="w1", lease_s=60)
    assert job is not None
    store.commit(finished=[replace(job, status=JobStatus.DONE)], jobs=[a_job(2)])
    assert store.job("job_2") is not None


def test_history_goes_after_a_year_and_what_is_not_over_stays(store: Store) -> None:
    store.commit(
        actions=[an_action(1, status=ActionStatus.HELD), an_action(2)],
        incidents=[an_incident(1, resolved_at=NOW), an_incident(2), an_incident(3, resolved_at=NOW, updated_at=NOW + YEARS)],
        reviews=[a_review(1, status=ReviewStatus.HELD), a_review(2, status=ReviewStatus.BOOKED)],
        events=[an_event(1), an_event(2, at=NOW + YEARS)],
        audit=[an_entry(1)],
    )  # fmt: skip
    store.prune(now=NOW + timedelta(days=364))
    assert (len(store.actions()), len(store.incidents()), len(store.reviews())) == (2, 3, 2)
    store.prune(now=NOW + YEARS)
    assert [one.id for one in store.actions()] == ["act_2"]
    assert [one.id for one in store.incidents()] == ["inc_3", "inc_2"]
    assert [one.id for one in store.reviews()] == ["rev_2"]
    assert ids(store.events(since=NOW, targets=[SHOP])) == ["evt_2"]
    assert store.audit() == [an_entry(1)]
