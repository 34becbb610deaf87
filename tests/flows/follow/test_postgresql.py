"""A query that waits behind another program's transaction leads to that program's line."""

import socket
from collections.abc import Iterator

import psycopg
import pytest

from bot.domain.diagnosis import Cause
from bot.ports import Store
from tests.collectors.shells import NOBODY
from tests.flows.follow.stage import PROGRAMS, because, fleet_of, inspected, program, unseen, until
from tests.postgres import Server, own_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with own_server() as made:
        made.execute("CREATE TABLE accounts (id int PRIMARY KEY, owner text, balance int)")
        made.execute("INSERT INTO accounts VALUES (7, 'jane', 1000)")
        yield made


def dsn(server: Server) -> str:
    return f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres"


def waiting_sessions(server: Server) -> int:
    with psycopg.connect(dsn(server), autocommit=True) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        ).fetchone()
    return int(found[0]) if found else 0


def line_of(name: str, text: str) -> int:
    lines = (PROGRAMS / f"{name}.py").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_line_that_keeps_the_transaction_open_is_named(server: Server, store: Store) -> None:
    services = fleet_of(store, {"app1": "127.0.0.1"})
    with (
        socket.create_server(("127.0.0.1", 0)) as bank,
        program("billing", dsn(server), str(bank.getsockname()[1])) as holder,
        program("orders", dsn(server)) as waiter,
    ):
        until(lambda: waiting_sessions(server))
        found = inspected(services, "app1", waiter)
    finding = found.diagnosis.findings[0]
    assert finding.cause is Cause.BLOCKED_DATABASE
    assert finding.culprit is not None
    assert finding.culprit.function.endswith("withdraw")
    said = because(found)
    assert f"waits for app1:{server.port} postgres" in said
    assert any("UPDATE accounts SET balance = balance - ? WHERE id = ? AND owner <> ?" in one for one in said)
    assert any("idle in transaction" in one for one in said)
    line = line_of("billing", "return bank.recv")
    assert f"process {holder} on app1 stands in `charge`, {PROGRAMS / 'billing.py'} line {line}" in said
    assert not any(secret in " ".join(said) for secret in ("jane", "balance - 12345", "balance - 500"))


def test_a_session_over_the_unix_socket_is_found_as_well(server: Server, store: Store) -> None:
    near = f"host={server.folder} port={server.port} user=postgres dbname=postgres"
    with (
        socket.create_server(("127.0.0.1", 0)) as bank,
        program("billing", dsn(server), str(bank.getsockname()[1])) as holder,
        program("orders", near) as waiter,
    ):
        until(lambda: waiting_sessions(server))
        found = inspected(fleet_of(store, {"app1": "127.0.0.1"}), "app1", waiter)
    said = because(found)
    assert any(one.startswith("its session ") and "UPDATE accounts" in one for one in said)
    assert any(one.startswith(f"process {holder} on app1 stands in `charge`") for one in said)


def test_without_a_right_to_ask_it_is_said_what_would_grant_it(server: Server, store: Store) -> None:
    services = fleet_of(store, {"app1": "127.0.0.1"}, prefix=NOBODY)
    with (
        socket.create_server(("127.0.0.1", 0)) as bank,
        program("billing", dsn(server), str(bank.getsockname()[1])),
        program("orders", dsn(server), prefix=NOBODY) as waiter,
    ):
        until(lambda: waiting_sessions(server))
        found = inspected(services, "app1", waiter)
    assert any("pg_monitor" in one for one in unseen(found)), (unseen(found), found.diagnosis)
