"""A PostgreSQL server of the tests' own, from Debian's package: started when first asked for, gone with the process.

url = fresh_database()   # migrated; a name of its own, on the server that this test process shares
with own_server() as server: …   # one to stop, start and break
with standby_of(server) as standby: …   # a copy that follows it, and can be promoted
"""

import atexit
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg
import pytest

from bot.store import migrate

MISSING = "PostgreSQL's server is missing: apt-get install postgresql"
FOLDERS = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name), reverse=True
)
"""Newest first, as Debian's package lays them out."""
TEMPLATE = "with_schema"
STARTS_WITHIN_S = 60.0
CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""For tests that pull no plug."""
PEOPLE = """
host all stranger 127.0.0.1/32 scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
host replication all 127.0.0.1/32 trust
"""
numbers = itertools.count(1)


def program(name: str) -> Path | None:
    found = shutil.which(name, path=os.pathsep.join([*map(str, FOLDERS), os.environ.get("PATH", os.defpath)]))
    return Path(found) if found else None


def account() -> tuple[str, ...]:
    """Return what to put before a command: the server refuses to run as root."""
    if os.getuid() != 0:
        return ()
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


@dataclass(kw_only=True)
class Server:
    """`stop` pulls the plug, `start` starts it again on the same port with the same data."""

    folder: Path
    port: int
    settings: tuple[str, ...] = CARELESS
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def url(self, name: str = "postgres", *, user: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        binary = program("postgres")
        assert binary is not None
        with (self.folder / "log").open("ab") as log:
            settings = (
                f"port={self.port}",
                "listen_addresses=127.0.0.1",
                f"unix_socket_directories={self.folder}",
            )
            options = [word for setting in (*settings, *self.settings) for word in ("-c", setting)]
            argv = (*_dying_with_us(), str(binary), "-D", str(self.folder / "data"), *options)
            self.process = subprocess.Popen(argv, cwd="/", stdout=log, stderr=log)
        end = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # immediate shutdown: as if the plug was pulled
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """Kill every process of the server at once, as a machine that goes down does."""
        if self.process is not None:
            for pid in (self.process.pid, *_children(self.process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def execute(self, statement: str, *, name: str = "postgres") -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=name, autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _dying_with_us() -> tuple[str, ...]:
    """Have the kernel end the server when this process ends in whatever way."""
    return (*(account() or ("setpriv",)), "--pdeathsig=QUIT")


@contextmanager
def own_server(settings: tuple[str, ...] = CARELESS) -> Iterator[Server]:
    """Run a server; skip the test where the package is missing."""
    with _own_folder() as folder:
        _run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
             "--locale", "C")  # fmt: skip
        (folder / "data/pg_hba.conf").write_text(PEOPLE)
        with _running(Server(folder=folder, port=free_port(), settings=settings)) as server:
            yield server


@contextmanager
def standby_of(primary: Server) -> Iterator[Server]:
    """Run a copy that follows `primary`, which from now on answers a COMMIT only once the copy has it on its disk too."""
    with _own_folder() as folder:
        where = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
        _run(
            "pg_basebackup",
            *where,
            "-D",
            str(folder / "data"),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
        )
        with _running(Server(folder=folder, port=free_port(), settings=primary.settings)) as standby:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.execute("SELECT pg_reload_conf()")
            yield standby


@contextmanager
def _own_folder() -> Iterator[Path]:
    if program("initdb") is None or program("setpriv") is None:
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="hangbot-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(name: str, *words: str) -> None:
    subprocess.run((*account(), str(program(name)), *words), check=True, capture_output=True, cwd="/")


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@cache
def shared_server() -> Server:
    """Return the server of this test process, with a template that has the schema."""
    running = own_server()
    server = running.__enter__()  # until the process ends
    atexit.register(lambda: running.__exit__(None, None, None))
    server.execute(f"CREATE DATABASE {TEMPLATE}")
    migrate.upgrade(server.url(TEMPLATE))
    return server


@contextmanager
def empty_database() -> Iterator[str]:
    """Make a database without any table; yield its URL."""
    with _database("template0") as url:
        yield url


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make a database with the schema; yield its URL."""
    with _database(TEMPLATE) as url:
        yield url


@contextmanager
def _database(template: str) -> Iterator[str]:
    server = shared_server()
    name = f"test_{next(numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.url(name)
    finally:
        with suppress(psycopg.OperationalError):  # a test may have stopped the server
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
