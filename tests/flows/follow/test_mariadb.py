"""A query that waits for a row leads to the transaction that holds it, and to the line that keeps that open."""

import subprocess
from pathlib import Path

from bot.domain.diagnosis import Cause
from bot.ports import Store
from tests.flows.follow.servers import mariadb
from tests.flows.follow.stage import PROGRAMS, because, fleet_of, inspected, program, until


def waits(path: Path) -> bool:
    asked = "SELECT COUNT(*) FROM information_schema.innodb_lock_waits"
    done = subprocess.run(
        ("mariadb", "--no-defaults", "-N", "-S", str(path), "-e", asked),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() not in ("", "0")


def test_the_line_that_keeps_the_row_locked_is_named(store: Store) -> None:
    with (
        mariadb() as (port, path),
        program("importer", str(port)) as holder,
        program("stock", str(port)) as waiter,
    ):
        until(lambda: waits(path))
        found = inspected(fleet_of(store, {"db1": "127.0.0.1"}), "db1", waiter)
    finding = found.diagnosis.findings[0]
    assert finding.cause is Cause.BLOCKED_DATABASE
    said = because(found)
    assert f"waits for db1:{port} mariadb" in said
    assert any("UPDATE stock SET sold = sold + ?, note = ? WHERE id = ?" in one for one in said)
    assert any("`idle in transaction`" in one for one in said)
    line = next(
        at
        for at, text in enumerate((PROGRAMS / "importer.py").read_text().splitlines(), 1)
        if "time.sleep(" in text
    )
    assert (
        f"process {holder} on db1 stands in `let_others_work`, {PROGRAMS / 'importer.py'} line {line}" in said
    )
    assert not any(secret in " ".join(said) for secret in ("jane", "sold + 4711"))
