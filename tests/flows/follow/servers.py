"""Servers from Debian's packages, each of a test's own: on a free port, in a folder of its own, gone with the block."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.flows.follow.stage import until
from tests.postgres import free_port


def wanted(name: str, package: str) -> str:
    """Return the path of a program; skip the test where it is missing."""
    found = shutil.which(name, path=f"/usr/sbin:/usr/bin:{os.environ.get('PATH', os.defpath)}")
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {package}")
    return found


@contextmanager
def folder(account: str = "") -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="hangbot-srv-", dir="/tmp"))  # short: a socket's path has 107 bytes
    try:
        if account and os.getuid() == 0:
            shutil.chown(path, account)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def serving(argv: Sequence[str], log: Path) -> Iterator[int]:
    """Run a server in the foreground; it dies with this process."""
    with log.open("ab") as out:
        process = subprocess.Popen(("setpriv", "--pdeathsig=KILL", *argv), cwd="/", stdout=out, stderr=out)
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def works(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


@contextmanager
def mariadb() -> Iterator[tuple[int, Path]]:
    """Yield port and socket of a server with the database `shop`, in which anybody may do anything."""
    server, install = wanted("mariadbd", "mariadb-server"), wanted("mariadb-install-db", "mariadb-server")
    client = wanted("mariadb", "mariadb-server")
    if os.getuid() != 0:
        pytest.skip("takes root, as MariaDB's own administrator")
    with folder("mysql") as place:
        common = ("--no-defaults", f"--datadir={place}/data", "--user=mysql")
        subprocess.run(
            (install, *common, "--auth-root-authentication-method=socket", "--skip-test-db"),
            check=True,
            capture_output=True,
        )
        port, path = free_port(), place / "sock"
        options = (f"--socket={path}", f"--port={port}", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=16M",
                   f"--pid-file={place}/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-lock-wait-timeout=600")  # fmt: skip
        with serving((server, *common, *options), place / "log"):
            until(lambda: works(client, "--no-defaults", "-S", str(path), "-e", "SELECT 1"))
            made = "CREATE DATABASE shop; CREATE USER app@'%'; GRANT ALL ON shop.* TO app@'%'; USE shop;"
            table = "CREATE TABLE stock (id INT PRIMARY KEY, sold INT, note TEXT); INSERT INTO stock VALUES (7, 0, '')"
            subprocess.run(
                (client, "--no-defaults", "-S", str(path), "-e", f"{made} {table}"),
                check=True,
                capture_output=True,
            )
            yield port, path


@contextmanager
def redis() -> Iterator[tuple[int, int]]:
    server = wanted("redis-server", "redis-server")
    client = wanted("redis-cli", "redis-server")
    with folder() as place:
        port = free_port()
        argv = (server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(place))
        with serving(argv, place / "log") as pid:
            until(lambda: works(client, "-p", str(port), "ping"))
            yield port, pid
