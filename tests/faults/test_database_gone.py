"""A PostgreSQL server that is restarted, cut off or killed: nothing acknowledged is lost, nothing is doubled."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.domain.audit import Intact, verify
from bot.domain.errors import Conflict, StoreUnavailable
from bot.domain.jobs import JobStatus
from bot.store import migrate, trail
from bot.store.opening import open_store
from bot.store.sql import SqlStore
from tests import postgres
from tests.contracts.store.values import NOW, a_job, a_notification, an_alert, an_entry

ROOT = Path(__file__).resolve().parents[2]
COMMIT = b"COMMIT\0"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """Yield a server that writes through to the disk, with the schema in its database `postgres`."""
    with postgres.own_server(settings=()) as running:
        migrate.upgrade(running.url())
        yield running


class Wire:
    """A TCP proxy before the server that can lose the answer to a COMMIT: the server did it, and nobody was told."""

    def __init__(self, port: int) -> None:
        self._to, self._listener = port, socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.loses_commits = False
        self.lost = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._open += [client, server]
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()
                threading.Thread(target=self._return, args=(server, client), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.loses_commits and COMMIT in data:
                    self.lost += 1
                    client.shutdown(socket.SHUT_RDWR)
                server.sendall(data)

    def _return(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def wire(server: postgres.Server) -> Iterator[Wire]:
    made = Wire(server.port)
    yield made
    made.close()


@pytest.fixture
def store(server: postgres.Server) -> Iterator[SqlStore]:
    opened = open_store(server.url())
    yield opened
    opened.close()


def test_a_store_outlives_a_restart_of_its_server_and_says_meanwhile_that_it_cannot(
    server: postgres.Server, store: SqlStore
) -> None:
    store.commit(alerts=[an_alert(1)])
    server.stop()
    with pytest.raises(StoreUnavailable, match="cannot be used just now"):
        store.alert("alr_1")
    server.start()
    assert store.alert("alr_1") == an_alert(1, version=1)
    server.stop()
    server.start()
    assert store.alert("alr_1") == an_alert(1, version=1)  # nobody noticed


def test_what_was_under_way_when_its_connection_was_ended_was_not_done(
    server: postgres.Server, store: SqlStore
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hangbot'"

    def work() -> None:
        with store._transaction() as connection:
            connection.exec_driver_sql("INSERT INTO deliveries (key, at) VALUES ('cut', 0)")
            server.execute(end)
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreUnavailable):
        work()
    assert store.first_time("cut", now=NOW)


def test_a_commit_whose_answer_was_lost_may_be_done_again_and_doubles_nothing(
    server: postgres.Server, wire: Wire, store: SqlStore
) -> None:
    far = open_store(server.url().replace(str(server.port), str(wire.port)))
    before = far.pending_notifications()
    told = {
        "notifications": [a_notification(70)],
        "jobs": [a_job(70, key="inspect:70")],
        "audit": [an_entry(70)],
    }
    wire.loses_commits = True
    with pytest.raises(StoreUnavailable):
        far.commit(alerts=[an_alert(70)], **told)  # type: ignore[arg-type]
    assert wire.lost
    wire.loses_commits = False
    with pytest.raises(Conflict):  # the first try was kept: whoever reads again sees it
        far.commit(alerts=[an_alert(70)], **told)  # type: ignore[arg-type]
    assert far.alert("alr_70") == an_alert(70, version=1)
    far.commit(**told)  # type: ignore[arg-type]
    far.close()
    assert store.pending_notifications() == before + 1
    assert [entry.id for entry in store.audit()].count("aud_70") == 1
    assert isinstance(verify(store.audit_links(), key=None), Intact)


def test_a_finished_job_that_is_added_again_is_not_done_again(store: SqlStore) -> None:
    job = a_job(71, key="inspect:71")
    store.commit(jobs=[job])
    store.commit(finished=[replace(job, status=JobStatus.DONE)])
    store.commit(jobs=[job])
    found = store.job("job_71")
    assert found is not None
    assert found.status is JobStatus.DONE


def test_a_stopped_process_holds_nobody_up_for_ever(server: postgres.Server, store: SqlStore) -> None:
    """Its transaction is ended by the server; here at once, since nobody wants to wait for the usual half minute."""
    other = open_store(server.url())

    def stop() -> None:
        with other._transaction() as connection:
            connection.exec_driver_sql("SET idle_in_transaction_session_timeout = '200ms'")
            trail.append(connection, [an_entry(72)], key=None)
            store.commit(audit=[an_entry(73)])  # waits, until the server takes the lock from the other one
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreUnavailable):
        stop()
    other.close()
    assert "aud_72" not in [entry.id for entry in store.audit()]


WRITER = """
import sys
from bot.store.opening import open_store
from tests.contracts.store.values import a_notification, an_entry
store, number = open_store(sys.argv[1]), int(sys.argv[2])
while True:
    number += 1
    store.commit(notifications=[a_notification(number, subject=f"alert:{number}")], audit=[an_entry(number)])
    print(number, flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    server: postgres.Server, store: SqlStore
) -> None:
    last = 1000
    for _ in range(4):
        argv = (sys.executable, "-c", WRITER, server.url(), str(last))
        with subprocess.Popen(
            argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.1)
            server.kill()
            said = [last + 1, *(int(line) for line in writer.stdout.read().splitlines())]
        server.start()
        with psycopg.connect(server.url().replace("+psycopg", "")) as direct:
            stored = {row[0] for row in direct.execute("SELECT id FROM outbox")}
        assert {f"out_{number}" for number in said} <= stored
        assert isinstance(verify(store.audit_links(), key=None), Intact)
        last = max(said) + 100
