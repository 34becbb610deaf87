"""When a host is looked at next."""

from datetime import UTC, datetime

from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.rounds import MOST_RETRIES, Trouble, bad_in, next_due
from bot.domain.settings import ProbePolicy

POLICY = ProbePolicy(interval_s=30.0, jitter=0.1, retry_s=5.0)
START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOSTS = [f"web{n}" for n in range(500)]


def due(host: str, *, last: float | None = 1000.0, bad: bool = False, now: float = 1001.0) -> float:
    return next_due(host, policy=POLICY, last_started=last, last_bad=bad, now=now)


def test_hosts_are_spread_and_the_spread_is_the_same_in_every_process() -> None:
    first = [due(host, last=None, now=0.0) for host in HOSTS]
    assert all(0 <= at <= 10 for at in first)
    for second in range(10):
        assert 20 <= sum(second <= at < second + 1 for at in first) <= 85
    assert round(due("web1", last=None, now=0.0), 6) == round(due("web1", last=None, now=0.0), 6)
    assert abs(due("web1", last=None, now=50.0) - due("web1", last=None, now=0.0) - 50.0) < 1e-6


def test_the_interval_holds_but_for_the_jitter() -> None:
    gaps = [due(host) - 1000.0 for host in HOSTS]
    assert all(27.0 <= gap <= 33.0 for gap in gaps)
    assert max(gaps) - min(gaps) > 4
    assert 29.5 < sum(gaps) / len(gaps) < 30.5


def test_a_failure_is_asked_again_soon_and_a_slow_host_gets_a_breath() -> None:
    assert due("web1", bad=True) == 1005.0
    assert due("web1", bad=True, now=1010.0) > 1010.0


def test_what_was_missed_is_not_made_up_for() -> None:
    """A round that took ten intervals is followed by one round, not by ten."""
    assert due("web1", now=1300.0) < 1300.0
    assert due("web1", last=1300.0, now=1300.0) > 1320.0


def seen(*bad: str, outcome: ProbeOutcome = ProbeOutcome.OK) -> frozenset[str]:
    states = {
        name: ServiceState.SILENT if name in bad else ServiceState.ANSWERING for name in ("shop", "api")
    }
    readings = {name: ServiceReading(state=state) for name, state in states.items()}
    return bad_in(Observation(host="web1", at=START, outcome=outcome, services=readings))


def test_what_stays_bad_is_no_news_after_a_while_and_what_joins_it_is() -> None:
    trouble = Trouble()
    assert not trouble.after(seen()).is_news
    for _ in range(MOST_RETRIES):
        trouble = trouble.after(seen("shop"))
        assert trouble.is_news
    trouble = trouble.after(seen("shop"))
    assert not trouble.is_news
    assert trouble.after(seen("shop", "api")).is_news, "the other one fell silent just now"
    assert trouble.after(seen(outcome=ProbeOutcome.UNREACHABLE)).is_news
    assert not trouble.after(seen()).is_news
    assert trouble.after(seen()).after(seen("shop")).is_news
