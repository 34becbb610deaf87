"""Every victim is named for what it is, on the Pythons that are there; every honest program is left alone."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import collectors
from bot.diagnosers import diagnose
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.evidence import Evidence
from bot.domain.targets import HostSpec, Transport
from bot.hosts.local import LocalHost
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
)
WANTED = ("3.8", "3.9", "3.10", "3.12", "3.13")
MOST_OTHERS = 2


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
    names = sorted(path.stem for path in PROGRAMS.glob("*.py"))
    return [(here, name) for name in names] + [
        (python, name) for python in others for name in ON_EVERY_PYTHON
    ]


@contextmanager
def running(python: str, name: str) -> Iterator[int]:
    """Run a victim in a session of its own, and end all of that session."""
    argv = (python, str(PROGRAMS / f"{name}.py"))
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as victim:
        try:
            assert victim.stdout is not None
            assert victim.stdout.readline().strip() == b"ready"
            time.sleep(SETTLES_S)
            yield victim.pid
        finally:
            os.killpg(victim.pid, signal.SIGKILL)


def look(pid: int) -> Evidence:
    host = LocalHost(
        HostSpec(name="here", transport=Transport.LOCAL, sudo=False),
        clock=RealClock(),
        telemetry=QuietTelemetry(),
    )
    return collectors.collect(
        host, None, pid=pid, mark="hangbot-mark-test", at=datetime.now(UTC), sampler=str(PY_SPY)
    )


def told(evidence: Evidence, diagnosis: Diagnosis) -> str:
    found = [
        (one.cause.value, one.confidence, one.culprit, [clue.code for clue in one.because])
        for one in diagnosis.findings
    ]
    return f"{diagnosis.verdict}: {found}; missing {[clue.code for clue in evidence.missing]}"


@pytest.mark.parametrize(
    ("python", "name"), cases(), ids=lambda value: Path(value).parent.parent.name if "/" in value else value
)
def test_a_program_is_named_for_what_it_is(python: str, name: str) -> None:
    text = (PROGRAMS / f"{name}.py").read_text()
    with running(python, name) as pid:
        evidence = look(pid)
    diagnosis, _, _ = diagnose(evidence)
    what = told(evidence, diagnosis)
    assert evidence.left_as_found, what
    wanted = re.match(r"# cause: (\w+)  function: (\S+)", text)
    if wanted is None:
        assert diagnosis.verdict is not Verdict.HUNG, what
        return
    assert diagnosis.findings, what
    headline = diagnosis.findings[0]
    assert headline.cause.value == wanted[1], what
    assert headline.confidence >= 0.6, what
    if wanted[2] != "-":
        assert headline.culprit is not None, what
        assert headline.culprit.file.endswith(f"{name}.py"), what
        assert headline.culprit.function.rpartition(".")[2] in wanted[2].split(","), what
