"""The script that sends: argv as it is, whatever shell there is; its end is told, its output cut and clean."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from bot.ports import Completed
from bot.remedies import sending, standing

SHELLS = [
    pytest.param((path, *more), id=name)
    for name, *more in (("dash",), ("bash",), ("busybox", "sh"))
    if (path := shutil.which(name))
]
TOKEN = "hangbot-act-act_1"
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
FAR = 10**9


def run(shell: tuple[str, ...], *command: str, boot: str = BOOT, latest: int = FAR) -> sending.Sent:
    argv = (*shell, "-c", sending.TEXT, "sh", TOKEN, boot, str(latest), *command)
    done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    return sending.read(Completed(exit=done.returncode, stdout=done.stdout, stderr=done.stderr), TOKEN)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("code", [0, 1, 3, 126, 255])
def test_the_exit_of_the_command_comes_back(shell: tuple[str, ...], code: int) -> None:
    sent = run(shell, "sh", "-c", f"echo out; echo err >&2; exit {code}")
    assert sent.exit == code
    assert set(sent.output.split()) == {"out", "err"}


@pytest.mark.parametrize("shell", SHELLS)
def test_every_word_arrives_as_it_is(shell: tuple[str, ...], tmp_path: Path) -> None:
    words = ["a b", "$(touch pwned)", "`touch pwned`", "; touch pwned", "'\"", "*", "", "-x", "é\\n"]
    script = tmp_path / "words"
    script.write_text('#!/bin/sh\nfor word in "$@"; do printf "[%s]" "$word"; done\n')
    script.chmod(0o755)
    assert run(shell, str(script), *words).output == "".join(f"[{word}]" for word in words)
    assert list(tmp_path.iterdir()) == [script]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_comes_too_late_or_after_another_boot_is_not_begun(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    made = tmp_path / "made"
    assert run(shell, "touch", str(made), latest=0).late
    assert run(shell, "touch", str(made), boot="another").late
    assert not made.exists()
    assert not run(shell, "touch", str(made)).late
    assert made.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_child_that_keeps_the_output_open_holds_up_nothing(shell: tuple[str, ...]) -> None:
    began = time.monotonic()
    sent = run(shell, "sh", "-c", "sleep 20 & echo through")
    assert (sent.exit, sent.output) == (0, "through")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("shell", SHELLS)
def test_a_reader_that_goes_away_does_not_end_the_command(shell: tuple[str, ...], tmp_path: Path) -> None:
    made = tmp_path / "made"
    talks = (
        f"for n in 1 2 3 4 5 6 7 8; do head -c 20000 /dev/zero | tr '\\000' x || exit 9; done; touch {made}"
    )
    argv = (*shell, "-c", sending.TEXT, "sh", TOKEN, BOOT, str(FAR), "sh", "-c", talks)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.close()
    process.wait(60)
    assert made.exists()


def test_a_command_that_does_not_say_how_it_ended_is_not_read_as_done() -> None:
    cut = Completed(exit=0, stdout=b"all is well\n", stderr=b"")
    assert sending.read(cut, TOKEN).exit is None
    forged = Completed(exit=0, stdout=f"\n{TOKEN} 0\nmore\n".encode(), stderr=b"")
    assert sending.read(forged, TOKEN).exit is None, "only the last line counts"


def test_last_words_are_short_clean_and_without_secrets() -> None:
    said = f"{'x' * 5000}\n\x1b[31mpassword=hunter2\u202e AKIAABCDEFGHIJKLMNOP\n\nend\n{TOKEN} 1\n"
    sent = sending.read(Completed(exit=0, stdout=said.encode(), stderr=b""), TOKEN)
    assert sent.exit == 1
    assert len(sent.output) < 1600
    assert "hunter2" not in sent.output
    assert "AKIA" not in sent.output
    assert "\x1b" not in sent.output
    assert "\u202e" not in sent.output
    assert sent.output.endswith("end")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_look_finds_the_processes_and_whether_the_command_of_an_act_runs(shell: tuple[str, ...]) -> None:
    text = f"sleep\x2061.{os.getpid()}"  # other tests may run beside
    sleeper = subprocess.Popen(text.split("\x20"))
    ours = subprocess.Popen(("sh", "-c", "sleep 61 & wait", "hangbot-act-act_7"))
    try:
        time.sleep(0.1)
        seen = look(shell, text, "act_7")
        assert list(seen.pids) == [sleeper.pid]
        assert seen.running
        assert not look(shell, "", "act_8").running
        assert (seen.boot, seen.state) == (BOOT, "")
    finally:
        for process in (sleeper, ours):
            process.kill()
            process.wait()


def look(shell: tuple[str, ...], text: str, act: str):  # type: ignore[no-untyped-def]
    mark = "hangbot-mark-test"
    argv = (*shell, "-c", standing.LOOK.text, "sh", mark, "", text, act)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    found = standing.read(done.stdout, mark)
    assert found is not None, done
    return found
