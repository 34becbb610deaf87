"""Record a victim as a case: `python -m tests.victims.record NAME CASE_FOLDER [--python PATH]`.

The victim is run and looked at as the tests do it. The folder gets `evidence.txt`, the script's answer without what is
ours (paths, names, other people's processes), and `expected`, today's conclusion: to be checked by eye, line by line.
"""

import argparse
import getpass
import re
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import collectors
from bot.diagnosers import diagnose
from tests.cases.test_diagnosers import concluded
from tests.victims import jvms
from tests.victims.running import MARK, PROGRAMS, Listening, look, running, this_machine, victim

OURS = ("/work/", "/root/", "/home/", "/tmp/", "hangbot")
AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
MOST_SOCKETS = 60
OF_EVERYBODY = ("lockholders", "listening", "locks")
"""Sections with rows of processes that have nothing to do with the victim."""
OF_THE_HOST = ("places", "files", "packages", "owners", "deploy", "unitfacts", "changes")
"""Sections of what changed on the machine it was recorded on."""


def own_groups() -> list[tuple[str, str]]:
    """Return the control groups of this session, and what stands there instead."""
    rows = Path("/proc/self/cgroup").read_text().splitlines()
    paths = {path.strip("/") for row in rows if (path := row.split(":", 2)[2]) != "/"}
    return [
        found
        for path in paths
        for found in (
            (re.escape(f"/{path}/"), "/system.slice/ssh.service/"),
            (re.escape(f"/{path.split('/')[0]}/"), "/system.slice/"),
        )
    ]


def replacements(python: str) -> list[tuple[str, str]]:
    """Return the patterns of what is ours, and what stands there instead; the longest paths first."""
    version = r"(\d+\.\d+)"
    prefix = re.escape(str(Path(python).resolve().parent.parent))
    environment = re.escape(str(Path(python).parent.parent))
    if environment == prefix:
        environment = "/no/environment"
    here = re.escape(str(PROGRAMS.parent.parent.parent))
    return [
        (re.escape(str(PROGRAMS)), "/srv/shop"),
        (rf"{environment}/bin/python[\d.]*", "/usr/bin/python"),
        (rf"{environment}/lib/python{version}/site-packages", r"/srv/shop/venv/lib/python\1/site-packages"),
        (rf"{prefix}/lib/python{version}/site-packages", r"/srv/shop/venv/lib/python\1/site-packages"),
        (rf"{prefix}/", "/usr/"),
        (r"/(?:root|home/[^/\s]+)/\.pyenv/versions/[^/\s]+/", "/usr/"),
        (rf"{here}(?=$|[\s\"])", "/srv/shop"),
        (rf"{here}/", "/srv/other/"),
        (r"/tmp/victim-[^/\s\"]*", "/var/lib/shop"),
        (r"/tmp/\.java_pid", "/run/.java_pid"),
        (r"/tmp/", "/var/tmp/"),
        (rf"\b{re.escape(socket.gethostname())}\b", "web1"),
        (rf"(?<=[/\s=]){re.escape(getpass.getuser())}(?=[@:])", "shop"),
        *own_groups(),
    ]


def anonymous(text: str, python: str) -> str:
    """Return a script's answer without what is ours. Numbers stay, so what belongs together still does."""
    text = text.replace(MARK, "@@")
    for pattern, instead in replacements(python):
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    head, *parts = text.split("\n@@ ")
    return head + "".join(f"\n@@ {part}" for part in trimmed(parts))


def trimmed(parts: Sequence[str]) -> list[str]:
    """Drop the rows of others: of /proc/locks what touches no file of the victim, and who still names this machine."""
    sections = {part.partition("\n")[0].strip(): part.partition("\n")[2] for part in parts}
    inodes = {row.partition(" ")[0] for row in sections.get("inodes", "").splitlines()}
    kept_locks = [row for row in sections.get("locks", "").splitlines() if row_inode(row) in inodes]
    holders = {word for row in kept_locks for word in row.split()}
    made = []
    for part in parts:
        title, _, body = part.partition("\n")
        rows = body.splitlines()
        if title.split(" ")[0] in OF_THE_HOST:
            continue
        if title.strip() == "locks":
            rows = kept_locks
        elif title.strip() == "lockholders":
            rows = [row for row in rows if row.partition(" ")[0] in holders]
        elif title.strip() == "listening":
            rows = rows[:MOST_SOCKETS]
        if title.strip() in OF_EVERYBODY:
            made.append(
                "\n".join((title, *(row for row in rows if not any(word in row for word in OURS)), ""))
            )
        else:
            made.append(part)
    return made


def row_inode(row: str) -> str:
    found = re.search(r"\b[0-9a-f]+:[0-9a-f]+:(\d+)\b", row)
    return found[1] if found else ""


@contextmanager
def started(name: str, python: str) -> Iterator[int]:
    """Run a victim, on a JVM if it is one of those."""
    if name not in jvms.names():
        with running(python, victim(name)) as pid:
            yield pid
        return
    with (
        TemporaryDirectory(prefix="victim-") as folder,
        socket.create_server(("127.0.0.1", 0)) as peer,
        jvms.running(jvms.program(name), jvms.compiled(Path(folder)), peer=peer.getsockname()[1]) as pid,
    ):
        yield pid


def record(name: str, folder: Path, python: str) -> int:
    """Run, look, write; return 1 where a row still names this machine, which is printed."""
    host = Listening(this_machine())
    with started(name, python) as pid:
        look(pid, host)
    text = anonymous(collectors.unpack(host.answer), python)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evidence.txt").write_text(text)
    found = collectors.read(collectors.split(text, "@@"), host="web1", service="shop", at=AT)
    assert found is not None
    diagnosis, _, _ = diagnose(found)
    said = concluded(diagnosis)
    (folder / "expected").write_text("".join(f"{key}: {value}\n" for key, value in said.items()))
    print((folder / "expected").read_text(), end="")
    for finding in diagnosis.findings:
        print(f"  {finding.cause.value} {finding.confidence} {[clue.code for clue in finding.because]}")
    head = jvms.program(name).cause if name in jvms.names() else victim(name).head
    print(f"{len(text)} bytes; check by eye that this is true: {head}")
    plain = re.sub(r"/proc/\d+/root/", "/", text)
    ours = [row for row in plain.splitlines() if any(word in row for word in OURS)]
    for row in ours:
        print(f"names this machine: {row[:200]}", file=sys.stderr)
    return 1 if ours else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="a victim of tests/victims/programs or tests/victims/java")
    parser.add_argument("folder", type=Path, help="such as tests/cases/diagnosers/CAUSE/WHAT")
    parser.add_argument("--python", default=sys.executable, help="the Python it runs on")
    wanted = parser.parse_args()
    return record(wanted.name, wanted.folder, str(Path(wanted.python).absolute()))


if __name__ == "__main__":
    raise SystemExit(main())
