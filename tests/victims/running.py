"""How a victim is found, run and looked at: by the tests, by the recorder of cases and by the benchmark."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import collectors
from bot.domain.evidence import Evidence
from bot.domain.targets import HostSpec, Transport
from bot.hosts.local import LocalHost
from bot.ports import Host
from tests.clocks import QuietTelemetry, RealClock

PROGRAMS = Path(__file__).with_name("programs")
PY_SPY = Path(sys.executable).with_name("py-spy")
SETTLES_S = 0.8
ON_EVERY_PYTHON = (
    "rec_property",
    "pool4",
    "loop_index",
    "dead_acquire",
    "net_recv",
    "aio_sleep",
    "idle_http",
    "progress_scan",
    "busy_site",
    "rec_site",
    "net_server_upstream",
    "prog_classattr",
)
WANTED = ("3.8", "3.9", "3.10", "3.12", "3.13")
MOST_OTHERS = 2
MARK = "hangbot-mark-test"
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


def pythons() -> list[str]:
    """Return this Python, and two others of the machine: on the PATH or where pyenv keeps them."""
    places = [shutil.which(f"python{version}") for version in WANTED]
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in WANTED:
        places += sorted(str(path / "bin" / "python") for path in kept.glob(f"{version}.*"))
    found: dict[str, str] = {}
    for place in filter(None, places):
        told = subprocess.run(
            (place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"),
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode == 0 and told.stdout.strip() in WANTED:
            found.setdefault(told.stdout.strip(), place)
    ours = "%d.%d" % sys.version_info[:2]
    others = [
        found[version]
        for version in ("3.8", "3.13", "3.12", "3.10", "3.9")
        if version in found and version != ours
    ]
    return [sys.executable, *others[:MOST_OTHERS]]


def cases() -> list[tuple[str, str]]:
    here, *others = pythons()
    names = sorted(path.stem for path in PROGRAMS.iterdir() if path.suffix == ".py" or path.is_dir())
    return [(here, name) for name in names] + [
        (python, name) for python in others for name in ON_EVERY_PYTHON
    ]


@dataclass(frozen=True, kw_only=True)
class Victim:
    """A program with what its first line and its marks say must be found."""

    program: Path
    head: str
    marks: dict[str, set[tuple[str, int]]]

    def option(self, name: str) -> int:
        found = re.search(rf"\b{name}: (\d+)", self.head)
        return int(found[1]) if found else 0


def victim(name: str) -> Victim:
    single, folder = PROGRAMS / f"{name}.py", PROGRAMS / name
    program = single if single.exists() else folder / "main.py"
    marks: dict[str, set[tuple[str, int]]] = {"culprit": set(), "caller": set()}
    for file in folder.rglob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            for mark, places in marks.items():
                if line.endswith(f"# {mark}"):
                    places.add((str(file), number))
    return Victim(program=program, head=program.read_text().splitlines()[0], marks=marks)


@contextmanager
def running(python: str, one: Victim) -> Iterator[int]:
    """Run a victim in a session of its own, ask it what its first line wants asked, and end all of that session.

    Its first argument is the port of a peer that takes connections and never answers.
    """
    with ExitStack() as stack:
        peer = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=20))
        argv = (python, str(one.program), str(peer.getsockname()[1]))
        process = stack.enter_context(
            subprocess.Popen(
                argv,
                env=os.environ | {"TMPDIR": stack.enter_context(TemporaryDirectory(prefix="victim-"))},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        stack.callback(os.killpg, process.pid, signal.SIGKILL)
        assert process.stdout is not None
        ready, *port = process.stdout.readline().split()
        assert ready == b"ready"
        for _ in range(one.option("ask")):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", int(port[0]))))
            if not one.option("quiet"):
                client.sendall(REQUEST)
        time.sleep(SETTLES_S)
        yield child_of(process.pid) if one.option("child") else process.pid


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def this_machine() -> LocalHost:
    spec = HostSpec(name="here", transport=Transport.LOCAL, sudo=False)
    return LocalHost(spec, clock=RealClock(), telemetry=QuietTelemetry())


def look(pid: int, host: Host | None = None) -> Evidence:
    """Inspect a process as the bot would, on this machine where no other host is given."""
    return collectors.collect(
        host or this_machine(), None, pid=pid, mark=MARK, at=datetime.now(UTC), sampler=str(PY_SPY)
    )
