"""Files are named as the target sees them, however they are called and wherever they went."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Cause, Finding
from tests.collectors.shells import PROGRAMS, look

OLD = next(iter(sorted((Path.home() / ".pyenv/versions").glob("3.8.*/bin/python"))), None)


@contextmanager
def spinning(*argv: str, cwd: Path) -> Iterator[int]:
    with subprocess.Popen(argv, cwd=cwd, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"ready"
            time.sleep(0.3)
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def headline(pid: int) -> Finding:
    diagnosis, _, _ = diagnose(look(pid))
    return diagnosis.findings[0]


@pytest.mark.parametrize(
    "name",
    ["my shop/spin it.py", "l'été/ça \u201ctourne\u201d.py", "a$HOME/$(id) *.py"],
    ids=["spaces", "unicode", "shell"],
)
def test_a_name_may_hold_anything_that_no_source_line_is_lost_for(name: str, tmp_path: Path) -> None:
    program = tmp_path / name
    program.parent.mkdir()
    shutil.copy(PROGRAMS / "spinner.py", program)
    with spinning(sys.executable, str(program), cwd=tmp_path) as pid:
        found = headline(pid)
    assert found.cause is Cause.BUSY_LOOP
    assert found.culprit is not None
    assert found.culprit.file == str(program)
    assert found.culprit.source


@pytest.mark.skipif(OLD is None, reason="takes a Python that names its program as it was typed")
def test_a_program_started_by_a_relative_name_has_a_whole_path(tmp_path: Path) -> None:
    shutil.copy(PROGRAMS / "spinner.py", tmp_path)
    with spinning(str(OLD), "./spinner.py", cwd=tmp_path) as pid:
        found = headline(pid)
    assert found.cause is Cause.BUSY_LOOP
    assert found.culprit is not None
    assert found.culprit.file == str(tmp_path / "spinner.py")
    assert found.culprit.source


def test_without_its_source_a_line_is_named_and_nothing_is_claimed_of_it(tmp_path: Path) -> None:
    program = Path(shutil.copy(PROGRAMS / "spinner.py", tmp_path))
    with spinning(sys.executable, str(program), cwd=tmp_path) as pid:
        program.unlink()
        found = headline(pid)
    assert found.confidence < 0.6
    assert found.culprit is not None
    assert found.culprit.file == str(program)
    assert found.culprit.source == ""
