"""The power fails: what was acknowledged is there when the machine is up again, whatever the disk had kept of the rest.

A process that commits has each of its writes and syncs written down (record_writes.c). A crash is made of the files as they were at
their last sync, and of any sectors of what was written since; a file that was made or removed is so for certain once its folder is
synced. So it is for a disk that keeps its promise (pubs.opengroup.org/onlinepubs/9799919799/functions/fsync.html); what a disk that
lies does is the second test, which also shows that the first one can fail.
"""

import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.domain.audit import Intact, verify
from bot.domain.errors import StoreFault
from bot.store import migrate
from bot.store.opening import open_store
from tests.stores import fresh_store

ROOT = Path(__file__).resolve().parents[2]
RECORD = struct.Struct("=cBHIq")
SECTOR_B = 512
COMMITS, RESTARTS_EVERY, CRASHES = 240, 70, 500
WRITER = """
import os, sys
from bot.store.opening import open_store
from tests.contracts.store.values import a_notification, an_alert, an_entry
url, acks, commits, restarts_every = sys.argv[1], os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT), *map(int, sys.argv[3:])
store = open_store(url)
for number in range(1, commits + 1):
    told = {"notifications": [a_notification(number, subject=f"alert:{number}")], "audit": [an_entry(number)]}
    store.commit(alerts=[an_alert(number)], **told)
    os.write(acks, b"%d" % number)
    if not number % restarts_every:
        store.close()
        store = open_store(url)
os._exit(0)  # as killed: with its log as it is
"""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One thing that the process did to a file of its folder; the folder itself has no name."""

    kind: bytes
    name: str
    offset: int
    content: bytes


@dataclass(kw_only=True)
class Inode:
    """What a disk holds for certain of one file, and what was done to it since."""

    kept: bytearray = field(default_factory=bytearray)
    since: list[Record] = field(default_factory=list)

    def synced(self) -> None:
        for one in self.since:
            apply(self.kept, one)
        self.since.clear()

    def after(self, chance: random.Random) -> bytes:
        """Return what may be found: what is certain, and of the rest any part, sector by sector."""
        found, share = bytearray(self.kept), chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for one in self.since:
            for piece in sectors(one):
                if chance.random() < share:
                    apply(found, piece)
        return bytes(found)


@dataclass(kw_only=True)
class Disk:
    """A folder as its process sees it, and what of it is certain; `honest` is whether a sync is one."""

    names: dict[str, Inode]
    kept: dict[str, Inode] = field(init=False)
    since: list[tuple[str, Inode | None]] = field(default_factory=list)
    honest: bool = True

    def __post_init__(self) -> None:
        self.kept = dict(self.names)

    def take(self, one: Record) -> None:
        if one.kind == b"s" and not self.honest:
            return
        if one.kind == b"s" and not one.name:
            for name, inode in self.since:
                put(self.kept, name, inode)
            self.since.clear()
        elif one.kind == b"s":
            self.names[one.name].synced()
        elif one.kind == b"o" and one.name not in self.names:
            self._renamed(one.name, Inode())
        elif one.kind == b"u":
            self._renamed(one.name, None)
        elif one.kind in b"wt":
            self.names[one.name].since.append(one)

    def _renamed(self, name: str, inode: Inode | None) -> None:
        put(self.names, name, inode)
        self.since.append((name, inode))

    def after(self, chance: random.Random, folder: Path) -> None:
        """Write what may be found into a folder."""
        found = dict(self.kept)
        for name in {name for name, _ in self.since}:
            mine = [inode for changed, inode in self.since if changed == name]
            for inode in mine[: chance.randint(0, len(mine))]:
                put(found, name, inode)
        for name, inode in found.items():
            (folder / name).write_bytes(inode.after(chance))


def put(names: dict[str, Inode], name: str, inode: Inode | None) -> None:
    if inode is None:
        names.pop(name, None)
    else:
        names[name] = inode


def apply(content: bytearray, one: Record) -> None:
    if one.kind == b"t":
        del content[one.offset :]
    content.extend(bytes(max(0, one.offset - len(content))))
    content[one.offset : one.offset + len(one.content)] = one.content


def sectors(one: Record) -> Iterator[Record]:
    """Cut a write where a disk may."""
    at, end = one.offset, one.offset + len(one.content)
    if at == end:
        yield one
    while at < end:
        upto = min(end, (at // SECTOR_B + 1) * SECTOR_B)
        yield Record(
            kind=one.kind, name=one.name, offset=at, content=one.content[at - one.offset : upto - one.offset]
        )
        at = upto


def read(log: bytes) -> Iterator[Record]:
    at = 0
    while at < len(log):
        kind, name_length, _, length, offset = RECORD.unpack_from(log, at)
        start = at + RECORD.size + name_length
        yield Record(
            kind=kind,
            name=log[start - name_length : start].decode(),
            offset=offset,
            content=log[start : start + length],
        )
        at = start + length


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database before the first commit: migrated and closed."""
    folder = tmp_path_factory.mktemp("before")
    fresh_store(folder).close()
    return (folder / "hangbot.db").read_bytes()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, before: bytes) -> list[Record]:
    """What a process did that committed, and was started anew some times."""
    folder, beside = tmp_path_factory.mktemp("disk").resolve(), tmp_path_factory.mktemp("beside")
    (folder / "hangbot.db").write_bytes(before)
    library, log = beside / "record_writes.so", beside / "log"
    source = Path(__file__).with_name("record_writes.c")
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", source, "-o", library, "-ldl"], check=True
    )
    argv = (
        sys.executable,
        "-c",
        WRITER,
        f"sqlite:///{folder / 'hangbot.db'}",
        folder / "acks",
        str(COMMITS),
        str(RESTARTS_EVERY),
    )
    own = {"LD_PRELOAD": str(library), "RECORD_FOLDER": str(folder), "RECORD_TO": str(log)}
    subprocess.run(argv, cwd=ROOT, env={**os.environ, **own}, check=True)
    return [one for one in read(log.read_bytes()) if not one.name.endswith("-shm")]  # shared memory is gone


def wrong_after(folder: Path, acknowledged: int) -> str:
    """Return what is amiss in a database that is found after a crash; empty where nothing is."""
    url = f"sqlite:///{folder / 'hangbot.db'}"
    try:
        migrate.require_current(url)
        store = open_store(url)
        try:
            alerts = {one.id.removeprefix("alr_") for one in store.alerts()}
            seals = verify(store.audit_links(), key=None)
        finally:
            store.close()
    except StoreFault as fault:
        return str(fault)
    with closing(sqlite3.connect(folder / "hangbot.db")) as direct:
        (whole,) = direct.execute("PRAGMA integrity_check").fetchone()
        if whole != "ok":
            return f"damaged: {whole}"
        waiting = {one.removeprefix("out_") for (one,) in direct.execute("SELECT id FROM outbox")}
        audited = {one.removeprefix("aud_") for (one,) in direct.execute("SELECT id FROM audit")}
    if not alerts == waiting == audited:
        return "half of a commit is there"
    if not isinstance(seals, Intact):
        return f"the audit trail is broken: {seals}"
    first = {str(number) for number in range(1, len(alerts) + 1)}
    if alerts != first or not acknowledged <= len(alerts) <= acknowledged + 1:
        return f"{acknowledged} were acknowledged, and {len(alerts)} are there"
    return ""


def crashes(records: list[Record], before: bytes, folder: Path, *, seed: int, honest: bool) -> list[str]:
    """Let the power fail at many moments of one run; return what was wrong after each."""
    chance, disk = (
        random.Random(seed),
        Disk(names={"hangbot.db": Inode(kept=bytearray(before))}, honest=honest),
    )
    moments, acknowledged, wrong = set(chance.sample(range(len(records)), CRASHES)), 0, []
    for number, one in enumerate(records):
        if one.name == "acks":
            acknowledged += one.kind == b"w"
        else:
            disk.take(one)
        if number in moments:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            disk.after(chance, folder)
            wrong.append(wrong_after(folder, acknowledged))
    assert acknowledged == COMMITS
    return wrong


def test_what_was_acknowledged_outlives_the_power(
    records: list[Record], before: bytes, tmp_path: Path
) -> None:
    kinds = {(one.kind, one.name) for one in records}
    assert {
        (b"w", "hangbot.db"),
        (b"w", "hangbot.db-wal"),
        (b"s", "hangbot.db"),
        (b"s", ""),
        (b"u", "hangbot.db-wal"),
    } <= kinds
    seed = random.SystemRandom().randrange(2**32)
    found = crashes(records, before, tmp_path / "found", seed=seed, honest=True)
    assert found == [""] * CRASHES, f"seed {seed}"


def test_a_disk_that_lies_about_its_syncs_loses_some_of_it(
    records: list[Record], before: bytes, tmp_path: Path
) -> None:
    found = crashes(records, before, tmp_path / "found", seed=1, honest=False)
    assert any("were acknowledged" in one for one in found)
