"""Where less can be seen, there is an answer with less in it, and it says what would grant the rest."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.collectors import NoProcess
from bot.diagnosers import diagnose
from bot.domain.diagnosis import Verdict
from bot.present.clues import sentence
from tests.collectors.shells import NOBODY, PY_SPY, ShellHost, codes, look, running, without

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root: to become somebody else, or to mount")
PYTHON2 = next(iter(sorted((Path.home() / ".pyenv/versions").glob("2.7*/bin/python"))), None)


@pytest.fixture
def sampler_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a sampler that every user may run."""
    folder = Path("/var/tmp") / tmp_path_factory.mktemp("spy").name
    folder.mkdir(mode=0o755, exist_ok=True)
    copied = Path(shutil.copy(PY_SPY, folder / "py-spy"))
    copied.chmod(0o755)
    try:
        yield str(copied)
    finally:
        shutil.rmtree(folder)


@as_root
def test_an_ordinary_user_is_told_what_to_grant(sampler_for_all: str) -> None:
    with running("spinner") as pid:
        evidence = look(pid, host=ShellHost(prefix=NOBODY), sampler=sampler_for_all)
    assert evidence.dumps == ()
    assert evidence.left_as_found
    assert "spinner.py" in evidence.process.command
    assert (
        {"no_kernel_view"}
        < set(codes(evidence))
        <= {"no_kernel_view", "not_ours_to_read", "no_right_to_trace"}
    )
    said = " ".join(map(sentence, evidence.missing))
    assert "NOPASSWD" in said
    diagnosis, following, _ = diagnose(evidence)
    assert diagnosis.verdict is Verdict.UNKNOWN
    assert following == "/hang inspect here"


@as_root
def test_an_ordinary_user_is_not_asked_for_a_sampler_that_would_not_be_let_in() -> None:
    with running("spinner") as pid:
        evidence = look(pid, host=ShellHost(prefix=NOBODY), sampler="", early=True)
    assert "not_ours_to_read" in codes(evidence)
    assert "no_sampler" not in codes(evidence)
    assert len(evidence.snapshots) == 2, "what can be seen from outside is seen in the same look"


@as_root
@pytest.mark.skipif(PYTHON2 is None, reason="takes a Python 2.7 to look at")
def test_without_a_python3_there_are_stacks_and_no_locals() -> None:
    hidden = [
        f"mount --bind /bin/false {path}"
        for path in ("/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3")
        if Path(path).exists()
    ]
    with running("spinner", python=str(PYTHON2)) as pid:
        evidence = look(pid, host=ShellHost(prefix=without(*hidden)))
    assert codes(evidence) == ["no_locals"]
    assert {dump.has_locals for dump in evidence.dumps} == {False}
    assert all(dump.threads[0].frames[0].function == "spin" for dump in evidence.dumps)
    diagnosis, _, _ = diagnose(evidence)
    assert diagnosis.verdict is Verdict.UNKNOWN, "the same stack may get on: without locals nobody can tell"


@as_root
def test_without_a_python3_of_its_own_the_host_uses_the_targets() -> None:
    hidden = [
        f"mount --bind /bin/false {path}"
        for path in ("/usr/bin/python3", "/usr/local/bin/python3")
        if Path(path).exists()
    ]
    with running("spinner") as pid:
        evidence = look(pid, host=ShellHost(prefix=without(*hidden)))
    assert codes(evidence) == []
    assert any(dump.has_locals for dump in evidence.dumps)


def test_a_pid_that_does_not_exist_is_no_process() -> None:
    free = next(pid for pid in range(4_000_000, 4_194_000) if not Path(f"/proc/{pid}").exists())
    with pytest.raises(NoProcess):
        look(free)


@pytest.mark.parametrize("reaped", [True, False], ids=["reaped", "zombie"])
def test_a_process_that_ends_in_the_middle_is_said_to_have_ended(reaped: bool) -> None:
    argv = (shutil.which("sleep") or "sleep", "3600")
    with subprocess.Popen(argv) as process:
        timer = threading.Timer(0.3, process.kill)
        reaper = threading.Thread(target=process.wait)
        timer.start()
        if reaped:
            reaper.start()
        evidence = look(process.pid)
        timer.join()
        process.wait()
        if reaped:
            reaper.join()
    assert evidence.left_as_found
    assert ("process_changed" if reaped else "ended_unreaped") in codes(evidence)
    assert diagnose(evidence)[0].verdict is Verdict.UNKNOWN


def test_a_zombie_is_called_one() -> None:
    with subprocess.Popen((shutil.which("true") or "true",)) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        evidence = look(process.pid)
    assert codes(evidence)[0] == "ended_unreaped"


def test_a_sampler_that_meets_a_stack_being_torn_down_is_asked_again(tmp_path: Path) -> None:
    """py-spy 0.4.3 then says that it finds no interpreter: every second time in a fast recursion on Python 3.13."""
    count = tmp_path / "count"
    count.write_text("")
    moody = tmp_path / "py-spy"
    moody.write_text(
        f"#!/bin/sh\nprintf x >>{count}\n"
        f'[ $(wc -c <{count}) -gt 11 ] && exec {PY_SPY} "$@"\n'
        "echo 'Error: Failed to find a python interpreter in the .data section' >&2\nexit 1\n"
    )
    moody.chmod(0o755)
    with running("spinner") as pid:
        evidence = look(pid, sampler=str(moody))
    assert codes(evidence) == []
    assert evidence.dumps[0].stopped_target, (
        "the better way is tried for longer, before the one without a stop"
    )
