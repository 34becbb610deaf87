"""What changed around a real process in the last day is found; what did not, is not."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.collectors import changes, scripts
from bot.domain.changes import Change, ChangeKind, Wellness, clues
from tests.collectors.shells import MARK, look

PROGRAM = "import time\nprint('ready', flush=True)\ntime.sleep(600)\n"
LONG_AGO = time.time() - 3 * 86400


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An application whose files are three days old."""
    folder = tmp_path / "shop"
    (folder / "shop").mkdir(parents=True)
    for name, text in (
        ("main.py", PROGRAM),
        ("shop/cart.py", "TOTAL = 0\n"),
        ("settings.yaml", "retries: 3\n"),
        ("data.json", "{}\n"),
    ):
        put(folder / name, text, at=LONG_AGO)
    return folder


def put(path: Path, text: str, *, at: float) -> None:
    path.write_text(text)
    os.utime(path, (at, at))


@pytest.fixture
def pid(app: Path) -> Iterator[int]:
    with subprocess.Popen(
        (sys.executable, str(app / "main.py"), "--config=settings.yaml"), cwd=app, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def found(pid: int, app: Path) -> list[Change]:
    evidence = look(pid)
    assert evidence.changes is not None
    return [one for one in evidence.changes.found if one.name.startswith(str(app))]


def test_an_edited_file_of_settings_is_found_with_its_time(app: Path, pid: int) -> None:
    put(app / "settings.yaml", "retries: -1\n", at=time.time() - 240)
    (one,) = [change for change in found(pid, app) if change.kind is ChangeKind.CONFIG]
    assert one.name == str(app / "settings.yaml")
    assert abs(time.time() - one.at.timestamp() - 240) < 30


def test_data_that_a_program_writes_itself_is_no_change_of_settings(app: Path, pid: int) -> None:
    put(app / "data.json", "{1}\n", at=time.time() - 60)
    assert str(app / "data.json") not in [one.name for one in found(pid, app)]


def test_a_checkout_that_was_moved_tells_from_where_to_where(app: Path, pid: int) -> None:
    git = ("git", "-c", "user.name=ana", "-c", "user.email=ana@example.org", "-C", str(app))
    subprocess.run((*git, "init", "-q"), check=True)
    subprocess.run((*git, "add", "-A"), check=True)
    subprocess.run((*git, "commit", "-qm", "one"), check=True)
    put(app / "shop/cart.py", "TOTAL = 100\n", at=LONG_AGO)
    subprocess.run((*git, "commit", "-qam", "two"), check=True)
    subprocess.run((*git, "checkout", "-q", "HEAD~1"), check=True)
    (one,) = [change for change in found(pid, app) if change.kind is ChangeKind.DEPLOY]
    said = subprocess.run((*git, "rev-parse", "HEAD"), check=True, capture_output=True, text=True)
    assert (one.name, one.after) == (str(app), said.stdout[:12])
    assert one.before not in ("", one.after)


LOGGED = """
dpkg 2026-11-24T03:00:00+0000 upgrade openssl:amd64 3.0.1 3.0.2
dpkg 2026-11-22T03:00:00+0000 upgrade old:amd64 1 2
dpkg 2026-11-24T03:30:00+0000 remove tz:all 7 <none>
dpkg when? upgrade broken 1 2
rpm 2026-11-24T02:00:00+0000 Installed nginx-1.20-3.el9.x86_64
pip 1795486200 1795486200 requests-2.32.3
apk 1795482600

"""


def test_logs_of_package_managers_are_read_and_what_is_older_than_a_day_is_not() -> None:
    at = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    sections = {f"changes {at.timestamp():.0f} 86400": "", "packages": LOGGED}
    read = changes.changes(sections, at=at)
    assert read is not None
    assert [(one.name, one.before, one.after) for one in read.found] == [
        ("tz", "7", ""),
        ("openssl", "3.0.1", "3.0.2"),
        ("requests", "", "2.32.3"),
        ("nginx", "", "1.20-3.el9.x86_64"),
        ("apk", "", ""),
    ]


def test_a_look_that_found_no_time_for_it_says_nothing() -> None:
    assert changes.changes({}, at=datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_a_package_that_the_process_has_nothing_of_cannot_be_why_it_hangs() -> None:
    at = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    sections = {f"changes {at.timestamp():.0f} 86400": "", "packages": LOGGED, "used": "openssl\n"}
    read = changes.changes(sections, at=at)
    assert read is not None
    assert [one.name for one in read.found if not one.used] == ["tz"]
    bad = Wellness(bad_since=at - timedelta(minutes=20), last_good_at=at - timedelta(minutes=21))
    told = clues(read, bad, started_at=at, now=at)
    assert [one.facts["name"] for one in told] == ["openssl"]


def test_what_is_loaded_is_asked_of_the_systems_own_lists(pid: int) -> None:
    """A library that this Python has loaded belongs to a package; the log says that it and another one changed."""
    loaded = next(
        line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if "libc.so" in line
    )
    script = "".join((scripts.FOLDER / f"{name}.sh").read_text() for name in ("tools", "changes"))
    rows = "dpkg x upgrade libc6:amd64 1 2\ndpkg x upgrade busybox:amd64 1 2\n"
    text = f'rows=$1; set -- {MARK}; {script}\npid={pid}; P=/proc/$pid; root=; used "$rows"'
    argv = ("sh", "-c", text, "sh", rows)
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    if not Path("/var/lib/dpkg/info").is_dir():
        pytest.skip("this is no Debian")
    assert done.stdout.split("used\n")[1].split() == ["libc6"], loaded
