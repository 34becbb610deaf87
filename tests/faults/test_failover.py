"""A PostgreSQL whose machine dies while a standby takes its place: nothing acknowledged is lost, nothing is doubled or told twice.

The database's address names both servers and asks for the one that takes writes, as libpq has it; the standby is a synchronous one
(postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION): with another, no client can help losing the last commits.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import psycopg
import pytest

from bot.domain.audit import Intact, verify
from bot.store import migrate
from bot.store.opening import open_store
from tests import postgres
from tests.chat.slack.running import started, workspace, written
from tests.faults.test_two_bots import CONFIG, MOST_S, QUEUED, ended, is_ready, queue, wait_for
from tests.sandbox_process import running_sandbox

ROOT = Path(__file__).resolve().parents[2]
GOES_ON_WITHIN_S = 30.0
ROUNDS = 3
KEPT = {"alr": b"SELECT id FROM alerts", "out": b"SELECT id FROM outbox", "aud": b"SELECT id FROM audit"}
WRITER = """
import sys, time
from bot.domain.errors import Conflict, StoreUnavailable
from bot.store.opening import open_store
from tests.contracts.store.values import a_notification, an_alert, an_entry
store, number = open_store(sys.argv[1]), int(sys.argv[2])
while True:
    number += 1
    told = {"notifications": [a_notification(number, subject=f"alert:{number}")], "audit": [an_entry(number)]}
    while True:
        try:
            store.commit(alerts=[an_alert(number)], **told)
        except StoreUnavailable:
            time.sleep(0.05)  # in doubt: the same again
        except Conflict:
            break  # the first try was kept
        else:
            break
    print(number, flush=True)
"""

pytestmark = pytest.mark.timeout(300)


@contextmanager
def pair() -> Iterator[tuple[postgres.Server, postgres.Server, str]]:
    """Run a server with the schema and its standby; yield both, and the address that names both."""
    with postgres.own_server(settings=()) as primary:
        migrate.upgrade(primary.url())
        with postgres.standby_of(primary) as standby:
            hosts = "&".join(f"host=127.0.0.1:{one.port}" for one in (primary, standby))
            yield (
                primary,
                standby,
                f"postgresql+psycopg://postgres@/postgres?{hosts}&target_session_attrs=read-write",
            )


def lines_of(process: "subprocess.Popen[str]") -> "SimpleQueue[tuple[float, int]]":
    """Return what it prints, each number with when it came."""
    lines: SimpleQueue[tuple[float, int]] = SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put((time.monotonic(), int(line)))

    Thread(target=read, daemon=True).start()
    return lines


@pytest.mark.parametrize("number", range(ROUNDS))
def test_who_writes_goes_on_with_the_other_server_and_nothing_acknowledged_is_lost(number: int) -> None:
    with pair() as (primary, standby, url):
        argv = (sys.executable, "-c", WRITER, url, "0")
        with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            lines = lines_of(writer)
            said = [lines.get(timeout=60)[1]]
            time.sleep(0.2 + number / 7)
            primary.kill()
            standby.execute("SELECT pg_promote()")
            promoted = time.monotonic()
            while (line := lines.get(timeout=GOES_ON_WITHIN_S))[0] <= promoted or len(said) < 20:
                said.append(line[1])
            assert line[0] - promoted < GOES_ON_WITHIN_S
            writer.kill()
        with psycopg.connect(standby.url().replace("+psycopg", "")) as direct:
            kept = {table: {row[0] for row in direct.execute(query)} for table, query in KEPT.items()}
        for table, ids in kept.items():
            assert {f"{table}_{one}" for one in said} <= ids
        store = open_store(url)
        assert isinstance(verify(store.audit_links(), key=None), Intact)
        store.close()


def test_a_bot_goes_on_with_the_other_server_and_tells_each_message_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        primary, standby, url = stack.enter_context(pair())
        sandbox = stack.enter_context(running_sandbox(workspace()))
        store = open_store(url)
        stack.callback(store.close)
        bot = started(sandbox, written(tmp_path, CONFIG.format(url=url)), http="127.0.0.1:0")
        stack.callback(ended, bot)
        wait_for("it works", lambda: is_ready(bot))
        queue(store)
        wait_for("some are said", lambda: len(sandbox.messages("ops")) > 4)
        primary.kill()
        wait_for("it says that it cannot", lambda: not is_ready(bot), 60.0)
        standby.execute("SELECT pg_promote()")
        wait_for("it goes on", lambda: is_ready(bot), 2 * GOES_ON_WITHIN_S)
        wait_for("all is said", lambda: not store.pending_notifications(), MOST_S)
        said = [one["text"] for one in sandbox.messages("ops") if one["text"].startswith("message ")]
        assert sorted(said) == sorted(f"message {number}" for number in range(QUEUED))
        assert sandbox.violations() == []
