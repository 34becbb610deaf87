"""Acknowledged where they were paged is acknowledged here: once, and by whoever was first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Alert
from bot.domain.paged import PageAnswer
from bot.domain.routes import Paging
from bot.domain.settings import InspectPolicy
from bot.flows.answers import take
from bot.flows.respond import acknowledge
from bot.ports import Store
from tests.flows.watch.night import BEN, Night, night
from tests.flows.watch.storm import Storm, eu
from tests.flows.watch.test_people import PAGED, page, pagers


@pytest.fixture
def fired(store: Store) -> Night:
    made = night(store, inspect=InspectPolicy(auto=False))
    made.services.settings = replace(made.services.settings, paging=PAGED)
    pagers(made)
    made.fire()
    made.said()
    while page(made):
        pass
    return made


def the_alert(played: Night) -> Alert:
    (found,) = played.store.alerts(unresolved=True)
    return found


def by(played: Night, name: str = "ana") -> PageAnswer:
    return PageAnswer(
        at=played.clock.now(), key=the_alert(played).id, by=f"pagerduty:{name}", name=f"{name} (PagerDuty)"
    )


def test_who_acknowledges_there_looks_after_it_here(fired: Night) -> None:
    assert take(by(fired), fired.services)
    mark = the_alert(fired).acknowledged
    assert mark is not None
    assert (mark.by, mark.name) == ("pagerduty:ana", "ana (PagerDuty)")
    (edit,) = fired.said()
    assert edit.message.text.endswith("Acknowledged by ana (PagerDuty).")
    (entry,) = fired.store.audit()
    assert (entry.actor, entry.verb) == ("pagerduty:ana", "ack")


def test_sent_again_it_says_nothing_again(fired: Night) -> None:
    answer = by(fired)
    assert take(answer, fired.services)
    fired.said()
    until = the_alert(fired).acknowledged
    fired.clock.at += timedelta(minutes=30)
    assert not take(answer, fired.services)
    assert the_alert(fired).acknowledged == until, "nor does it last longer"
    assert fired.said() == []
    fired.clock.at += timedelta(hours=4)
    assert not take(answer, fired.services), "an old answer is none to what asks again"


def test_who_was_sooner_here_stays_in_charge(fired: Night) -> None:
    acknowledge(fired.services, actor=BEN, alert=the_alert(fired))
    fired.said()
    assert not take(by(fired), fired.services)
    mark = the_alert(fired).acknowledged
    assert mark is not None
    assert mark.by == BEN.id
    assert fired.said() == []


@pytest.mark.parametrize(
    "change", [lambda one: replace(one, key="alr_none"), lambda one: replace(one, key="")]
)
def test_what_is_none_of_our_pages_is_no_news(
    fired: Night, change: Callable[[PageAnswer], PageAnswer]
) -> None:
    assert not take(change(by(fired)), fired.services)


def test_what_is_over_stays_over(fired: Night) -> None:
    answer = by(fired)
    fired.calm()
    fired.said()
    assert not take(answer, fired.services)
    assert fired.said() == []


def test_who_acknowledges_the_page_of_a_group_looks_after_all_of_it(store: Store) -> None:
    storm = Storm(store, 40)
    storm.services.settings = replace(storm.services.settings, paging=Paging(pagerduty=True))
    storm.rounds(20, silent=eu(storm))
    storm.said()
    (group,) = store.groups()
    answer = PageAnswer(at=storm.clock.now(), key=group.id, by="pagerduty:ana", name="ana (PagerDuty)")
    assert take(answer, storm.services)
    assert not take(answer, storm.services)
    marks = {one.acknowledged.by for one in store.alerts(unresolved=True) if one.acknowledged}
    assert marks == {"pagerduty:ana"}
    storm.round(silent=eu(storm))
    (edit,) = [one for one in storm.said() if one.channel == ""]
    assert edit.message.text.endswith("Acknowledged by ana (PagerDuty).")
