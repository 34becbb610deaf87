"""A process in a container is looked at from outside: its files are its own, its pid is another one there."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Cause
from tests.collectors.shells import look, state

PYTHON = Path("/usr/bin/python3")
LIBRARY = Path(f"/usr/lib/{PYTHON.resolve().name}")
NOT_NEEDED = shutil.ignore_patterns(
    "test", "__pycache__", "idlelib", "config-*", "dist-packages", "ensurepip"
)
SPINS = """import sys

def pages_of(order):
    while order["open"]:
        order["seen"] = order["seen"]

print("ready", flush=True)
pages_of({"open": True, "seen": 0})
"""
SPACES = {
    "chroot": (),
    "container": ("unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child"),
}

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="takes root: to make namespaces"),
    pytest.mark.skipif(not LIBRARY.is_dir(), reason="takes Debian's own Python, to copy it"),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a Python and a program, and nothing else: no shell, no /proc, no sampler."""
    root = tmp_path_factory.mktemp("image")
    linked = subprocess.run(("ldd", PYTHON), capture_output=True, text=True, check=True).stdout
    for name in (str(PYTHON.resolve()), *re.findall(r"(/\S+) \(0x", linked)):
        place = root / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, place)
    shutil.copytree(LIBRARY, root / str(LIBRARY).lstrip("/"), ignore=NOT_NEEDED)
    (root / "srv").mkdir()
    (root / "srv" / "orders.py").write_text(SPINS)
    return root


@contextmanager
def spinning(image: Path, *spaces: str) -> Iterator[int]:
    """Run the program of the image there; return its pid as it is called out here."""
    argv = (*spaces, "chroot", str(image), str(PYTHON.resolve()), "/srv/orders.py")
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, start_new_session=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            time.sleep(0.3)
            yield int(children[0]) if children else process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", SPACES)
def test_the_line_is_named_as_the_process_sees_its_files(kind: str, image: Path) -> None:
    with spinning(image, *SPACES[kind]) as pid:
        evidence = look(pid)
        assert state(pid)[1] == 0
    finding = diagnose(evidence)[0].findings[0]
    assert (finding.cause, evidence.left_as_found) == (Cause.BUSY_LOOP, True), finding
    assert finding.culprit is not None
    assert (finding.culprit.file, finding.culprit.function) == ("/srv/orders.py", "pages_of")
    assert finding.culprit.source in ('while order["open"]:', 'order["seen"] = order["seen"]')
    assert evidence.process.pid == pid
    assert evidence.process.runtime == PYTHON.resolve().name.replace("python", "python ")
