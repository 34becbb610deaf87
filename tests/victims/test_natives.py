"""Native programs: their hangs are named by what a debugger and the mutexes say, and without symbols by what they wait in."""

import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Verdict
from bot.domain.evidence import Evidence
from bot.domain.targets import HostSpec, Transport
from bot.ports import Completed, Limit, Script
from tests.collectors.shells import ShellHost
from tests.victims.judging import told
from tests.victims.running import look, this_machine

SOURCES = Path(__file__).with_name("native")
NAMES = sorted(path.stem for path in SOURCES.glob("*.c"))
SOON = ("two_accounts", "silent_peer", "takes_news", "idle_workers")
SOME_LATER = [pytest.param(name, marks=() if name in SOON else pytest.mark.campaign) for name in NAMES]
COMPILER = shutil.which("gcc") or shutil.which("cc")
DEBUGGERS = [name for name in ("gdb", "eu-stack") if shutil.which(name)]
SETTLES_S = 0.6
pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="takes a C compiler"),
    pytest.mark.skipif("gdb" not in DEBUGGERS, reason="takes gdb"),
]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("natives")
    for name in NAMES:
        source = str(SOURCES / f"{name}.c")
        for kind, options in (("", ("-g",)), ("-stripped", ("-s",))):
            argv = (str(COMPILER), *options, "-O1", "-pthread", "-w", "-o", f"{folder}/{name}{kind}", source)
            subprocess.run(argv, check=True)
    return folder


@contextmanager
def running(program: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as peer:
        argv = (str(program), str(peer.getsockname()[1]))
        with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
                time.sleep(SETTLES_S)
                if program.name.startswith("silent_peer"):
                    time.sleep(4.0)  # who is asked has some seconds to answer
                yield process.pid
            finally:
                process.send_signal(signal.SIGKILL)


def cause_of(name: str) -> str | None:
    found = re.match(r"// cause: (\w+)", (SOURCES / f"{name}.c").read_text())
    return found[1] if found else None


def culprits(name: str) -> set[int]:
    rows = (SOURCES / f"{name}.c").read_text().splitlines()
    return {number for number, row in enumerate(rows, 1) if row.endswith("// culprit")}


def check(evidence: Evidence, name: str, *, named: bool) -> None:
    diagnosis, _, _ = diagnose(evidence)
    what = told(evidence, diagnosis)
    assert evidence.left_as_found, what
    if cause_of(name) is None:
        assert diagnosis.verdict is not Verdict.HUNG, what
        return
    assert diagnosis.verdict is Verdict.HUNG, what
    headline = diagnosis.findings[0]
    assert headline.cause.value == cause_of(name), what
    if not named:
        assert headline.culprit is None, what
        return
    assert headline.culprit is not None, what
    assert headline.culprit.file.endswith(f"/{name}.c"), what
    assert headline.culprit.line in culprits(name), what


@pytest.mark.parametrize("name", NAMES)
def test_a_program_is_named_for_what_it_is(programs: Path, name: str) -> None:
    with running(programs / name) as pid:
        evidence = look(pid, this_machine())
    assert evidence.dumps
    assert evidence.longest_pause_ms > 0
    check(evidence, name, named=True)


@pytest.mark.parametrize("name", SOME_LATER)
def test_without_symbols_the_cause_is_named_and_no_line(programs: Path, name: str) -> None:
    with running(programs / f"{name}-stripped") as pid:
        evidence = look(pid, this_machine())
    check(evidence, name, named=False)


class Without:
    """A host on which some programs are not found: what the script would call is told by a list of its own."""

    def __init__(self, *names: str) -> None:
        self.spec = HostSpec(name="here", transport=Transport.LOCAL, sudo=False)
        self.names = names

    def run(
        self, script: Script, args: tuple[str, ...] = (), *, stdin: bytes = b"", limit: Limit
    ) -> Completed:
        hidden = " ".join(self.names)
        text = script.text.replace(
            "for c in gdb eu-stack;",
            f"for c in $(echo gdb eu-stack | tr ' ' '\\n' | grep -v -x -e {hidden});",
        )
        assert text != script.text
        changed = Script(name=script.name, version=script.version, text=text)
        return ShellHost().run(changed, args, stdin=stdin, limit=limit)


@pytest.mark.parametrize("name", SOME_LATER)
@pytest.mark.skipif("eu-stack" not in DEBUGGERS, reason="takes elfutils")
def test_eu_stack_serves_where_gdb_is_not(programs: Path, name: str) -> None:
    with running(programs / name) as pid:
        evidence = look(pid, Without("gdb"))
    check(evidence, name, named=True)


@pytest.mark.parametrize("name", SOME_LATER)
def test_without_a_debugger_what_it_waits_in_tells_the_cause(programs: Path, name: str) -> None:
    with running(programs / name) as pid:
        evidence = look(pid, Without("gdb", "-e eu-stack"))
    assert [one.code for one in evidence.missing] == ["no_debugger"]
    assert evidence.longest_pause_ms == 0
    check(evidence, name, named=False)
