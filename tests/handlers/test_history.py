"""`/hang history`: a chart with what happened meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat import console
from bot.domain.invocations import Actor, Invocation, Reply
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.settings import ProbePolicy
from bot.domain.targets import Target
from bot.domain.timeline import EventKind, TimelineEvent
from bot.ports import Services
from bot.store.history import SqlHistory
from handlers import router
from tests.flows.watch.night import Night, night
from tests.stores import fresh_store


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    made = night(store)
    made.services = replace(made.services, history=SqlHistory(store.engine))
    yield made
    store.close()


def fill(services: Services) -> None:
    """Six hours of load that rises in the third, with a gap in the fifth."""
    now = services.clock.now()
    for minute in range(360):
        at = now - timedelta(minutes=359 - minute)
        if 240 <= minute < 280:
            continue
        load = 7.9 if minute == 150 else 4.0 if 120 <= minute < 180 else 0.5
        state = ServiceState.SILENT if 120 <= minute < 180 else ServiceState.ANSWERING
        reading = ServiceReading(state=state, answer_ms=None if state is ServiceState.SILENT else 12.0)
        services.history.record(
            [
                Observation(
                    host="web1",
                    at=at,
                    outcome=ProbeOutcome.OK,
                    metrics={"load1": load},
                    services={"shop": reading},
                )
            ]
        )
    target = Target(host="web1", service="shop")
    facts = {"rule": "service_silent", "told": True}
    fired = now - timedelta(minutes=238)
    events = [TimelineEvent(id="e1", at=fired, kind=EventKind.FIRED, target=target, alert="a", facts=facts)]
    services.store.commit(events=events)


def say(services: Services, *args: str) -> Reply:
    actor = Actor(id="U0ANA", name="ana", member=True)
    return router.answer(
        Invocation(id="1", actor=actor, verb="history", args=args, at=services.clock.now()), services
    )


def text(reply: Reply) -> str:
    assert reply.message is not None
    return console.render(reply.message)


def test_a_chart_shows_the_peak_the_gap_and_what_happened(made: Night) -> None:
    fill(made.services)
    shown = text(say(made.services, "web1", "load", "6h"))
    assert "load1 on web1, the last 6 h: now 0.5, highest 7.9" in shown
    rows = [row.partition("│")[2] for row in shown.splitlines() if "│" in row]
    assert len(rows) == 6
    assert 4 <= rows[-1].count("·") <= 7
    assert [row.strip() for row in rows[:3]] == ["", "▆", "█"]  # one round, and still to be seen
    assert "1  " in shown
    assert "shop on web1" in shown
    assert not say(made.services, "web1", "load", "6h").refused


def test_without_a_reading_all_of_them_stand_in_a_line_each(made: Night) -> None:
    fill(made.services)
    shown = text(say(made.services, "web1"))
    assert "load1" in shown
    assert "shop.answer_ms" in shown
    assert "lowest silent" in shown


def test_what_cannot_be_shown_is_said(made: Night) -> None:
    assert "I have read nothing of web1" in text(say(made.services, "web1", "load"))
    fill(made.services)
    assert say(made.services, "web1", "laod1").refused
    assert "Did you mean load1" in text(say(made.services, "web1", "laod1"))
    assert "30 days at most" in text(say(made.services, "web1", "load", "90d"))
    assert say(made.services).refused
    assert say(made.services, "web1", "load", "cpu").refused


def test_where_probes_are_off_status_says_what_can_be_asked(made: Night) -> None:
    off = replace(made.services.settings, probes=ProbePolicy(enabled=False))
    services = replace(made.services, settings=off)
    actor = Actor(id="U0ANA", name="ana", member=True)
    asked = Invocation(id="1", actor=actor, verb="status", at=services.clock.now())
    shown = text(router.answer(asked, services))
    assert "Probes are off" in shown
    assert "web1" in shown
    assert "not asked yet" not in shown
