"""Programs for a JVM that really hang, and honest ones: compiled when they are needed, run, and looked at."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).with_name("java")
PACKAGE = "com/shop"
SETTLES_S = 1.0
JAVAC = shutil.which("javac")


def names() -> list[str]:
    return sorted(path.stem for path in (SOURCES / PACKAGE).glob("*.java"))


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program with what its first line and its marks say must be found; `cause` is None for an honest one."""

    name: str
    cause: str | None
    options: Sequence[str]
    culprits: frozenset[tuple[str, int]]


def program(name: str) -> Program:
    lines = (SOURCES / PACKAGE / f"{name}.java").read_text().splitlines()
    cause = re.match(r"// cause: (\w+)", lines[0])
    options = re.search(r"options: (\S+)", lines[0])
    return Program(
        name=name,
        cause=cause[1] if cause else None,
        options=options[1].split(",") if options else (),
        culprits=frozenset(
            (f"{PACKAGE}/{name}.java", number)
            for number, line in enumerate(lines, 1)
            if line.endswith("// culprit")
        ),
    )


def compiled(folder: Path) -> Path:
    """Compile all of them into a folder."""
    sources = sorted(map(str, (SOURCES / PACKAGE).glob("*.java")))
    subprocess.run((str(JAVAC), "-nowarn", "-Xlint:none", "-d", str(folder), *sources), check=True)
    return folder


@contextmanager
def running(one: Program, classes: Path, *, peer: int) -> Iterator[int]:
    """Run a program, whose first argument is the port of a peer that never answers; end it and its children."""
    main = f"{PACKAGE.replace('/', '.')}.{one.name}"
    process = subprocess.Popen(
        ("java", "-Xmx128m", *one.options, "-cp", str(classes), main, str(peer)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(SETTLES_S)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        with suppress(FileNotFoundError):  # who is killed cannot remove it
            Path(f"/tmp/.java_pid{process.pid}").unlink()
