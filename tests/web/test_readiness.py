"""/readyz says what does not work, and answers soon whatever hangs."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import StoreFault
from bot.ports import Services
from bot.web.health import MOST_LAG_S, Readiness, Vitals
from tests.chat.slack.running import Bot
from tests.clocks import QuietTelemetry
from tests.flows.watch.night import night
from tests.sandbox_process import Sandbox
from tests.stores import fresh_store
from tests.web.wire import Got, ask

WELL = Vitals(chat=lambda: "", lag=lambda: 0.1)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = fresh_store(tmp_path)
    yield replace(night(store).services, telemetry=QuietTelemetry())
    store.close()


def test_all_is_well(services: Services) -> None:
    assert Readiness(services, WELL).reasons() == {}


def test_each_part_tells_what_is_wrong_with_it(services: Services) -> None:
    ill = Vitals(chat=lambda: "the socket is closed", lag=lambda: MOST_LAG_S + 12)
    assert Readiness(services, ill).reasons() == {
        "chat": "the socket is closed",
        "scheduler": "a beat is 42 s late",
    }


@dataclass
class Failing:
    """A store that takes nothing."""

    error: Exception

    def prove_writable(self, **_: Any) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StoreFault("database or disk is full"), "nothing can be written: database or disk is full"),
        (OSError("no"), "nothing can be written: OSError"),
    ],
)
def test_a_store_that_takes_nothing_is_told(services: Services, error: Exception, says: str) -> None:
    broken = replace(services, store=Failing(error))  # type: ignore[arg-type]
    assert Readiness(broken, WELL).reasons() == {"store": says}


def test_a_locked_database_is_told_before_it_is_free_and_is_well_again_after(
    services: Services, tmp_path: Path
) -> None:
    readiness = Readiness(services, WELL)
    with closing(sqlite3.connect(tmp_path / "hangbot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked" in readiness.reasons()["store"]
        assert "locked" in readiness.reasons()["store"]
        other.execute("ROLLBACK")
    end = time.monotonic() + 60
    while readiness.reasons() and time.monotonic() < end:
        time.sleep(0.1)
    assert readiness.reasons() == {}


# --- a running bot


def ready(bot: Bot) -> Got:
    return ask(bot.web, "/readyz")


def becomes(bot: Bot, status: int) -> Got:
    """Ask until it is so."""
    end = time.monotonic() + 90
    while (got := ready(bot)).status != status:
        assert time.monotonic() < end, got
        time.sleep(0.1)
    return got


def tells(bot: Bot, part: str, words: str) -> Got:
    """Ask until it is not ready for this reason: under load another one may come first."""
    end = time.monotonic() + 90
    while True:
        got = becomes(bot, 503)
        if words in got.json["reasons"].get(part, ""):
            return got
        assert time.monotonic() < end, got
        time.sleep(0.1)


@pytest.fixture(autouse=True)
def healed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no fault to the next test, whatever becomes of this one."""
    yield
    if "sandbox" in request.fixturenames:
        request.getfixturevalue("sandbox").heal()


def test_a_bot_that_is_connected_is_ready(bot: Bot) -> None:
    got = becomes(bot, 200)
    assert (got.json, got.headers["content-type"]) == ({"ready": True, "reasons": {}}, "application/json")
    assert ask(bot.web, "/readyz", method="HEAD").status == 200


def test_a_socket_that_is_closed_and_does_not_come_back_is_told_until_it_does(
    bot: Bot, sandbox: Sandbox
) -> None:
    becomes(bot, 200)
    sandbox.fault("error_500")
    sandbox.fault("close")
    tells(bot, "chat", "the socket is closed")
    assert ask(bot.web, "/healthz").status == 200
    sandbox.heal()
    becomes(bot, 200)


def test_a_socket_that_falls_silent_is_told_or_renewed(bot: Bot, sandbox: Sandbox) -> None:
    becomes(bot, 200)
    sandbox.fault("error_500")
    sandbox.fault("half_open")
    assert tells(bot, "chat", "").json["reasons"].keys() == {"chat"}
    sandbox.heal()
    becomes(bot, 200)


def test_a_token_that_is_revoked_is_told_though_the_socket_stays_open(bot: Bot, sandbox: Sandbox) -> None:
    becomes(bot, 200)
    sandbox.fault("invalid_auth")
    tells(bot, "chat", "invalid_auth")
    sandbox.heal()
    becomes(bot, 200)


def test_a_locked_database_makes_it_unready_and_keeps_no_page_waiting(bot: Bot) -> None:
    becomes(bot, 200)
    with closing(sqlite3.connect(bot.log.with_name("hangbot.db"), isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN IMMEDIATE")
        tells(bot, "store", "database")
        hung = threading.Thread(target=lambda: [ready(bot) for _ in range(3)])
        hung.start()
        metrics = ask(bot.web, "/metrics")
        assert ask(bot.web, "/healthz").status == 200
        assert "hangbot_probe_rounds_total" in metrics.body
        assert "hangbot_outbox_pending" not in metrics.body
        other.execute("ROLLBACK")
        hung.join()
    becomes(bot, 200)
    assert "hangbot_outbox_pending" in ask(bot.web, "/metrics").body


def test_in_socket_mode_there_is_no_door_for_slack(bot: Bot) -> None:
    assert ask(bot.web, "/slack/events", method="POST", body=b"ssl_check=1").status == 404
    assert bot.process.poll() is None
