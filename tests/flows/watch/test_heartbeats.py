"""Jobs that report by themselves: overdue is told, a failure at once, and the next good report ends it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alerts import Severity
from bot.domain.heartbeats import HeartbeatSpec
from bot.domain.messages import Operation
from bot.domain.settings import InspectPolicy
from bot.flows import heartbeats
from bot.flows.blind import Blind
from bot.ports import Store
from tests.flows.watch.night import Night, night

POST, EDIT, REPLY = Operation.POST, Operation.EDIT, Operation.REPLY
LOOKS = timedelta(seconds=15)
BACKUP = HeartbeatSpec(name="backup", every_s=3600, grace_s=600, host="web1", severity=Severity.CRITICAL)


@pytest.fixture
def played(store: Store) -> Night:
    made = night(store, inspect=InspectPolicy(auto=False))
    made.services.settings = replace(made.services.settings, heartbeats=(BACKUP,))
    heartbeats.look(made.services)
    return made


@pytest.fixture
def after(played: Night) -> Callable[[float], list[str]]:
    def go_on(minutes: float) -> list[str]:
        end = played.clock.at + timedelta(minutes=minutes)
        while played.clock.at < end:
            played.clock.at = min(end, played.clock.at + LOOKS)
            heartbeats.look(played.services)
        return [one.message.text for one in played.said()]

    return go_on


def test_a_job_that_reports_in_time_is_told_to_nobody(
    played: Night, after: Callable[[float], list[str]]
) -> None:
    for _ in range(10):
        heartbeats.take(BACKUP, played.services, well=True)
        assert after(60) == []


def test_a_job_that_does_not_report_is_told_after_its_grace(
    played: Night, after: Callable[[float], list[str]]
) -> None:
    heartbeats.take(BACKUP, played.services, well=True)
    assert after(70) == []
    assert after(0.25) == [], "looked at twice: the clock may just have been set on"
    (text,) = after(0.25)
    assert text.startswith("CRITICAL backup on web1 overdue since")
    assert after(600) == []
    heartbeats.take(BACKUP, played.services, well=True)
    edit, reply = played.said()
    assert (edit.operation, reply.operation) == (EDIT, REPLY)
    assert "has reported" in reply.message.text


def test_one_that_never_reported_counts_from_when_it_was_first_known(
    played: Night, after: Callable[[float], list[str]]
) -> None:
    assert after(69) == []
    assert after(1.25) == []
    assert len(after(0.25)) == 1


def away(played: Night, after: Callable[[float], list[str]], start: float, end: float) -> None:
    """Let the bot be down for these minutes since the last report, and up again until what is overdue is told."""
    heartbeats.take(BACKUP, played.services, well=True)
    assert after(start) == []
    played.clock.at += timedelta(minutes=end - start)
    heartbeats.look(played.services)
    while played.clock.at < played.store.heartbeats()["backup"].at + timedelta(minutes=71):
        played.clock.at += LOOKS
        heartbeats.look(played.services)
    heartbeats.look(played.services)


@pytest.mark.parametrize(("start", "end"), [(45, 55), (58, 62), (49, 69.5), (69, 80)])
def test_what_was_due_while_nobody_listened_is_a_warning_until_the_next_is_overdue_too(
    played: Night, after: Callable[[float], list[str]], start: float, end: float
) -> None:
    away(played, after, start, end)
    (post,) = played.said()
    assert post.message.text.startswith("WARNING backup on web1 overdue since")
    assert "I did not listen from 2026-11-24 0" in str(post.message)
    after(131.5 - max(end, 71))
    (alert,) = played.store.alerts()
    assert alert.severity is Severity.CRITICAL
    assert "unheard_since" not in {name for one in alert.reasons for name, fact in one.facts.items() if fact}


@pytest.mark.parametrize(("start", "end"), [(10, 40), (58, 58.5), (70, 80), (69, 600)])
def test_who_was_away_when_nothing_was_due_or_for_longer_still_knows_what_is_overdue(
    played: Night, after: Callable[[float], list[str]], start: float, end: float
) -> None:
    away(played, after, start, end)
    (post,) = played.said()
    assert post.message.text.startswith("CRITICAL backup on web1 overdue since")


def test_a_job_that_says_it_failed_is_told_at_once(played: Night) -> None:
    heartbeats.take(BACKUP, played.services, well=False)
    (post,) = played.said()
    assert post.message.text.startswith("CRITICAL backup on web1 failing since")
    heartbeats.take(BACKUP, played.services, well=True)
    assert [one.operation for one in played.said()] == [EDIT, REPLY]


def test_a_restart_forgets_nothing(played: Night, after: Callable[[float], list[str]]) -> None:
    heartbeats.take(BACKUP, played.services, well=True)
    assert set(played.store.heartbeats()) == {"backup"}
    assert played.store.heartbeats()["backup"].reported


def test_one_that_left_the_config_is_over_after_a_while(
    played: Night, after: Callable[[float], list[str]]
) -> None:
    after(71)
    after(0.25)
    blind = Blind(services=played.services)
    blind.look()
    assert blind.missing == {}
    played.services.settings = replace(played.services.settings, heartbeats=())
    blind.look()
    played.clock.at += timedelta(minutes=11)
    played.round()
    blind.look()
    assert any("no longer watched" in one.message.text for one in played.said())
