"""A real database file made full, locked, read-only and corrupt: what waits is told, what was kept stays, nothing is half written."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.errors import StoreFault, StoreUnavailable
from bot.store import database
from bot.store.opening import open_store
from bot.store.sql import SqlStore
from tests.contracts.store.values import a_notification, an_alert
from tests.stores import fresh_store

ROOT = Path(__file__).resolve().parents[2]
MAY_MOUNT = os.geteuid() == 0 and not subprocess.run(("unshare", "--mount", "true"), check=False).returncode
FULL = """
import sys
from pathlib import Path
from bot.domain.errors import StoreUnavailable
from bot.store import migrate
from bot.store.opening import open_store
from tests.contracts.store.values import a_notification, an_alert

folder = Path(sys.argv[1])
url = f"sqlite:///{folder / 'hangbot.db'}"
migrate.upgrade(url)
store = open_store(url)
filler = folder / "filler"
with filler.open("wb", buffering=0) as full:
    try:
        while True:
            full.write(bytes(4096))
    except OSError:
        full.truncate(max(0, full.tell() - 200_000))
kept, refused = 0, ""
for number in range(2000):
    try:
        store.commit(alerts=[an_alert(number)], notifications=[a_notification(number, subject=f"alert:{number}")])
        kept += 1
    except StoreUnavailable as error:
        refused = str(error)
        break
filler.unlink()
store.commit(alerts=[an_alert(9001)], notifications=[a_notification(9001, subject="alert:9001")])
print(kept, len(store.alerts()), store.pending_notifications(), refused, sep="|")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    fresh_store(tmp_path).close()
    return tmp_path / "hangbot.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    made = open_store(f"sqlite:///{file}")
    yield made
    made.close()


@pytest.mark.skipif(not MAY_MOUNT, reason="needs root and mount namespaces, for a small disk of its own")
def test_on_a_full_disk_what_was_kept_stays_and_with_room_again_it_goes_on(tmp_path: Path) -> None:
    mount = 'mount -t tmpfs -o size=2m none "$1" && exec "$2" -c "$3" "$1"'
    done = subprocess.run(
        ("unshare", "--mount", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, FULL),
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kept, alerts, pending, refused = done.stdout.strip().split("|")
    assert "full" in refused
    assert int(alerts) == int(pending) == int(kept) + 1, "an alert and its message stand or fall together"


def test_who_comes_while_it_is_locked_waits_and_is_told_after_a_while(
    file: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 1.0)
    impatient = open_store(f"sqlite:///{file}")
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="locked"):
            impatient.commit(alerts=[an_alert(1)])
        assert 0.8 < time.monotonic() - began < 8.0
        waiting = threading.Thread(target=lambda: store.commit(alerts=[an_alert(2)]))
        waiting.start()
        time.sleep(0.5)
        other.execute("COMMIT")
        waiting.join(10)
    other.close()
    assert [one.id for one in store.alerts()] == ["alr_2"]
    impatient.close()


def written_to(file: Path) -> None:
    opened = open_store(f"sqlite:///{file}")
    try:
        opened.commit(alerts=[an_alert(1)])
    finally:
        opened.close()


def test_a_damaged_file_is_told_and_nothing_is_made_anew(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:100] + os.urandom(len(content) - 100))
    with pytest.raises(StoreFault):
        written_to(file)
    assert file.read_bytes()[:100] == content[:100]


@pytest.mark.parametrize(
    ("body", "named"),
    [("substr(body, 1, 60)", "Alert alr_1 "), ("replace(body, 'firing', 'fir' || x'00' || 'ng')", "Alert alr_1 "), ("x'ff'", "Alert "),
     ("''", "Alert "), ("5", "Alert "), ("'[]'", "Alert ")],
)  # fmt: skip
def test_what_cannot_be_read_any_more_is_named(file: Path, store: SqlStore, body: str, named: str) -> None:
    store.commit(alerts=[an_alert(1)])
    with sqlite3.connect(file) as other:
        other.execute(f"UPDATE alerts SET body = {body}")
    other.close()
    with pytest.raises(StoreFault, match=f"damaged: {named}cannot be read. Restore a backup"):
        store.alerts()


def test_a_message_that_waits_outlives_all_of_it(file: Path, store: SqlStore) -> None:
    store.commit(notifications=[a_notification(1)])
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    other.close()
    store.close()
    again = open_store(f"sqlite:///{file}")
    assert again.pending_notifications() == 1
    again.close()
