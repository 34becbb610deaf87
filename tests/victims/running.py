"""How a victim is found, run and looked at: by the tests, by the recorder of cases and by the benchmark."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import collectors
from bot.domain.evidence import Evidence
from bot.domain.targets import HostSpec, ServiceSpec, Transport
from bot.hosts.local import LocalHost
from bot.hosts.ssh import SshHost
from bot.ports import Completed, Host, Limit, Sample, Script
from tests.clocks import QuietTelemetry, RealClock
from tests.victims.groups import limited, may_limit

PROGRAMS = Path(__file__).with_name("programs")
SILENT_DISK = Path(__file__).with_name("silent_disk.py")
PY_SPY = Path(sys.executable).with_name("py-spy")
SETTLES_S = 0.8
OLDEST = "3.6"
VERSIONS = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
MARK = "hangbot-mark-test"
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
SAYS_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


@cache
def pythons() -> dict[str, str]:
    """Return version → path of each Python of this machine: the one that runs this, on the PATH, where pyenv keeps them."""
    found = {"%d.%d" % sys.version_info[:2]: sys.executable}
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in VERSIONS:
        places = [shutil.which(f"python{version}"), *sorted(map(str, kept.glob(f"{version}.*/bin/python")))]
        for place in filter(None, places):
            told = subprocess.run((place, "-c", SAYS_VERSION), capture_output=True, text=True, check=False)
            if told.returncode == 0 and told.stdout.strip() == version:
                found.setdefault(version, place)
    return {version: found[version] for version in VERSIONS if version in found}


def names() -> list[str]:
    return sorted(path.stem for path in PROGRAMS.iterdir() if path.suffix == ".py" or path.is_dir())


@dataclass(frozen=True, kw_only=True)
class Victim:
    """A program with what its first line and its marks say must be found."""

    name: str
    program: Path
    head: str
    marks: dict[str, set[tuple[str, int]]]

    @property
    def cause(self) -> str | None:
        """What it suffers from; None for an honest program."""
        found = re.match(r"# cause: (\w+)", self.head)
        return found[1] if found else None

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that may be named, where it has no marks; empty where no place is asked for."""
        found = self.text("function")
        return tuple(found.split(",")) if found not in ("", "-") else ()

    def option(self, name: str) -> int:
        return int(self.text(name) or 0)

    def text(self, name: str) -> str:
        found = re.search(rf"\b{name}: (\S+)", self.head)
        return found[1] if found else ""

    def missing_on(self, python: str) -> str:
        """Return why it cannot run on a Python, empty where it can."""
        version = next((one for one, path in pythons().items() if path == python), "")
        oldest = self.text("since") or OLDEST
        if version and VERSIONS.index(version) < VERSIONS.index(oldest):
            return f"it is written for Python {oldest} and later"
        if (self.text("resolver") or self.text("disk")) and not may_mount():
            return "a resolver or a disk of its own needs root, and namespaces"
        if any(self.option(kind) and not may_limit(kind) for kind in ("cpu", "memory")):
            return "a control group of its own needs root, and that one can be made"
        absent = [module for module in self.text("needs").split(",") if module and not _has(python, module)]
        return f"that Python has no {', '.join(absent)}" if absent else ""


@cache
def may_mount() -> bool:
    return os.geteuid() == 0 and not subprocess.run(("unshare", "--mount", "true"), check=False).returncode


@cache
def _has(python: str, module: str) -> bool:
    done = subprocess.run((python, "-c", f"import {module}"), capture_output=True, check=False)
    return done.returncode == 0


def victim(name: str) -> Victim:
    single, folder = PROGRAMS / f"{name}.py", PROGRAMS / name
    program = single if single.exists() else folder / "main.py"
    marks: dict[str, set[tuple[str, int]]] = {"culprit": set(), "caller": set()}
    for file in folder.rglob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            for mark, places in marks.items():
                if line.endswith(f"# {mark}"):
                    places.add((str(file), number))
    return Victim(name=name, program=program, head=program.read_text().splitlines()[0], marks=marks)


@contextmanager
def running(python: str, one: Victim) -> Iterator[int]:
    """Run a victim in a session of its own, ask it what its first line wants asked, and end all of that session.

    Its first argument is the port of a peer that takes connections and never answers.
    """
    with ExitStack() as stack:
        peer = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=20))
        folder = stack.enter_context(TemporaryDirectory(prefix="victim-"))
        argv = (python, str(one.program), str(peer.getsockname()[1]))
        if one.text("resolver"):
            argv = (*with_resolver(stack, Path(folder)), *argv)
        if one.text("disk"):
            argv = ("unshare", "--mount", sys.executable, str(SILENT_DISK), *argv)
        if one.option("cpu") or one.option("memory"):
            groups = stack.enter_context(limited(cpu=one.option("cpu"), memory=one.option("memory")))
            argv = (*groups, *argv)
        if one.option("crowd"):
            argv = (*beside(stack, one.option("crowd")), *argv)
        process = stack.enter_context(
            subprocess.Popen(
                argv,
                env=os.environ | {"TMPDIR": folder},
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


def with_resolver(stack: ExitStack, folder: Path) -> tuple[str, ...]:
    """Return what runs a program with a name server that takes questions and never answers; needs root."""
    for last in range(20, 250):  # whoever else runs tests here has an address of its own
        server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        with suppress(OSError):
            server.bind((f"127.53.0.{last}", 53))
            break
    address = server.getsockname()[0]
    (folder / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:30 attempts:5\n")
    mount = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", mount, "sh", str(folder / "resolv.conf"))


def beside(stack: ExitStack, many: int) -> tuple[str, ...]:
    """Start so many processes that want all of one core, and return what puts another one beside them."""
    alone = ("taskset", "--cpu-list", str(min(os.sched_getaffinity(0))))
    for _ in range(many):
        busy = stack.enter_context(
            subprocess.Popen((*alone, sys.executable, "-c", "while True: pass"), start_new_session=True)
        )
        stack.callback(busy.kill)
    return alone


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


class Listening:
    """A host that keeps what the script of evidence answered. Fulfils ports.Host."""

    def __init__(self, host: Host) -> None:
        self.host, self.answer = host, b""

    @property
    def spec(self) -> HostSpec:
        return self.host.spec

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        return self.host.sample(services)

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        done = self.host.run(script, args, stdin=stdin, limit=limit)
        if script.name == "evidence":
            self.answer = done.stdout
        return done


def this_machine() -> LocalHost:
    spec = HostSpec(name="here", transport=Transport.LOCAL, sudo=False)
    return LocalHost(spec, clock=RealClock(), telemetry=QuietTelemetry())


def over_ssh(spec: HostSpec) -> SshHost:
    return SshHost(spec, clock=RealClock(), telemetry=QuietTelemetry())


def look(pid: int, host: Host) -> Evidence:
    """Inspect a process as the bot would."""
    return collectors.collect(host, None, pid=pid, mark=MARK, at=datetime.now(UTC), sampler=str(PY_SPY))
