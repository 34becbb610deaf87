"""What a script on a host may do to us: hang, flood, die, and be started by the oddest login shell."""

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from bot.hosts.sampling import SAMPLE_BYTES
from bot.ports import Limit
from tests.hosts.stand import asking, eventually, forget_peak, nothing_left, peak_mib, refused, run
from tests.sshd import Sshd, running_sshd

MEBIBYTE = 2**20
MUCH_MIB = 64
SHELLS = [path for name in ("bash", "dash", "zsh", "ksh", "tcsh", "fish") if (path := shutil.which(name))]


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("running")) as server:
        yield server


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- hangs


def test_a_script_that_hangs_ends_at_its_deadline_on_both_ends(sshd: Sshd, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    began = time.monotonic()
    with nothing_left(), asking(sshd.spec()) as host:
        failure = refused(host, f"echo $$ >{note}; sleep 300", limit=Limit(seconds=2))
        assert failure.outcome is ProbeOutcome.TIMEOUT
        assert time.monotonic() - began < 12
        assert run(host, "echo next").stdout == b"next\n"
        pid = int(note.read_text())
        assert eventually(lambda: not alive(pid))


def test_a_drip_of_output_does_not_move_the_deadline(sshd: Sshd) -> None:
    began = time.monotonic()
    with asking(sshd.spec()) as host:
        failure = refused(host, "while :; do echo x; sleep 0.1; done", limit=Limit(seconds=2))
    assert failure.outcome is ProbeOutcome.TIMEOUT
    assert time.monotonic() - began < 12


def test_one_that_leaves_a_child_behind_with_its_output_is_done_all_the_same(
    sshd: Sshd, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    with asking(sshd.spec()) as host:
        began = time.monotonic()
        done = run(host, f"sleep 60 & echo $! >{note}; echo done")
        assert (done.exit, done.stdout) == (0, b"done\n")
        assert time.monotonic() - began < 20
    pid = int(note.read_text())
    if alive(pid):
        os.kill(pid, 9)


def test_rounds_go_on_while_a_script_hangs_on_the_same_host(sshd: Sshd) -> None:
    with asking(sshd.spec()) as host, ThreadPoolExecutor(1) as pool:
        run(host, "true")
        hanging = pool.submit(refused, host, "sleep 300", limit=Limit(seconds=6))
        assert host.sample(()).outcome is ProbeOutcome.OK
        assert not hanging.done()
        assert hanging.result().outcome is ProbeOutcome.TIMEOUT


# --- floods


@pytest.mark.parametrize("where", ["yes", "yes >&2", "yes & yes >&2", "head -c 100000000 /dev/zero"])
def test_endless_output_is_cut_and_says_so(sshd: Sshd, where: str) -> None:
    with nothing_left(), asking(sshd.spec()) as host:
        run(host, "true")
        before = forget_peak()
        done = run(host, where, limit=Limit(seconds=30, bytes=MEBIBYTE))
        assert done.truncated
        assert done.exit is None
        assert len(done.stdout) + len(done.stderr) <= MEBIBYTE
        assert peak_mib() - before < MUCH_MIB
        assert run(host, "echo next").stdout == b"next\n"


def test_ten_mebibytes_of_complaints_do_not_hold_up_the_output(sshd: Sshd) -> None:
    with asking(sshd.spec()) as host:
        limit = Limit(seconds=60, bytes=20 * MEBIBYTE)
        done = run(host, "head -c 10485760 /dev/zero >&2; echo out", limit=limit)
    assert (done.exit, done.stdout, len(done.stderr)) == (0, b"out\n", 10 * MEBIBYTE)


def test_exactly_as_much_as_allowed_is_whole(sshd: Sshd) -> None:
    with asking(sshd.spec()) as host:
        done = run(host, "head -c 100000 /dev/zero", limit=Limit(seconds=30, bytes=100_000))
        assert (done.truncated, done.exit, len(done.stdout)) == (False, 0, 100_000)
        assert run(host, "head -c 100001 /dev/zero", limit=Limit(seconds=30, bytes=100_000)).truncated


def test_input_that_nobody_reads_does_no_harm(sshd: Sshd) -> None:
    with nothing_left(), asking(sshd.spec()) as host:
        assert run(host, "exec <&-; echo done", stdin=bytes(5_000_000)).stdout == b"done\n"
        assert run(host, "wc -c", stdin=bytes(3_000_000)).stdout.split() == [b"3000000"]
        assert run(host, "echo next").stdout == b"next\n"


# --- how it ended


@pytest.mark.parametrize("number", [1, 2, 77, 255])
def test_an_exit_status_is_told(sshd: Sshd, number: int) -> None:
    with asking(sshd.spec()) as host:
        assert run(host, f"exit {number}").exit == number


@pytest.mark.parametrize("signal", ["KILL", "TERM", "SEGV", "HUP"])
def test_an_end_by_a_signal_is_never_read_as_success(sshd: Sshd, signal: str) -> None:
    with asking(sshd.spec()) as host:
        done = run(host, f"echo so far; kill -{signal} $$; sleep 5")
    assert done.exit != 0
    assert done.stdout == b"so far\n"


def test_arguments_arrive_as_they_are(sshd: Sshd) -> None:
    odd = [
        "",
        " ",
        "a b",
        "'",
        '"',
        "$(id)",
        "`id`",
        "!!",
        "\\n",
        "-n",
        "--",
        "*",
        "~",
        ";",
        "a\nb",
        "\t",
        "é☃",
        "%s",
    ]
    with asking(sshd.spec()) as host:
        done = run(host, """for one; do printf '%s\\036' "$one"; done""", *odd)
    assert done.stdout.decode().split("\x1e")[:-1] == odd


# --- login shells


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("noise", ["", "echo 'Welcome!'; echo '⚠ motd' >&2; printf 'no newline'"])
def test_any_login_shell_runs_our_scripts(tmp_path: Path, shell: str, noise: str) -> None:
    with (
        login_by(tmp_path, f'{noise}\nexec {shell} -c "$SSH_ORIGINAL_COMMAND"') as server,
        asking(server.spec()) as host,
    ):
        done = run(host, "echo '!$1\\'; exit 4", "x y")
        sample = host.sample(())
    assert (done.exit, done.stdout, done.stderr) == (4, b"!$1\\\n", b"")
    assert sample.outcome is ProbeOutcome.OK
    assert "meminfo" in sample.sections


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("echo 'This account is currently not available.'; exit 1", "currently not available"),
        ("exit 0", "does not run our script"),
        ("exec yes", "floods"),
        ("exec head -c 100000000 /dev/zero", "floods"),
        ("echo sh: not found >&2; exit 127", "not found"),
    ],
)
def test_an_account_that_runs_nothing_is_an_error_with_its_words(
    tmp_path: Path, shell: str, said: str
) -> None:
    with login_by(tmp_path, shell) as server, asking(server.spec()) as host:
        before = forget_peak()
        sample = host.sample(())
        assert peak_mib() - before < MUCH_MIB
    assert sample.outcome is ProbeOutcome.ERROR
    assert said in sample.reason


def test_an_account_that_only_waits_is_a_timeout(tmp_path: Path) -> None:
    with login_by(tmp_path, "exec sleep 60") as server, asking(server.spec(command_timeout_s=2.0)) as host:
        sample = host.sample(())
    assert sample.outcome is ProbeOutcome.TIMEOUT


def test_a_sample_that_is_cut_off_or_too_long_is_an_error(tmp_path: Path) -> None:
    """The login shell lets the script begin, and then has its own way with the output."""
    for index, (way, said) in enumerate(
        [("head -c 300", "cut off"), ("(cat; yes)", f"longer than {SAMPLE_BYTES}")]
    ):
        (folder := tmp_path / str(index)).mkdir()
        with (
            login_by(folder, f'sh -c "$SSH_ORIGINAL_COMMAND" | {way}') as server,
            asking(server.spec()) as host,
        ):
            sample = host.sample(())
        assert sample.outcome is ProbeOutcome.ERROR
        assert said in sample.reason


def login_by(folder: Path, shell: str):  # type: ignore[no-untyped-def]
    """Run a server where this program stands in the place of the account's login shell."""
    program = folder / "shell"
    program.write_text(f"#!/bin/sh\n{shell}\n")
    program.chmod(0o755)
    return running_sshd(folder, ForceCommand=str(program))


# --- sessions


def test_more_scripts_than_sessions_are_told_as_a_busy_host(tmp_path: Path) -> None:
    with (
        running_sshd(tmp_path, MaxSessions="1") as server,
        asking(server.spec()) as host,
        ThreadPoolExecutor(1) as pool,
    ):
        run(host, "true")
        first = pool.submit(run, host, "sleep 3; echo one")
        time.sleep(1.0)
        failure = refused(host)
        assert failure.outcome is ProbeOutcome.ERROR
        assert failure.reason.startswith("busy: ")
        assert first.result().stdout == b"one\n"
        assert run(host, "echo next").stdout == b"next\n"


def test_a_host_that_opens_no_session_is_an_error_at_once(tmp_path: Path) -> None:
    with running_sshd(tmp_path, MaxSessions="0") as server, nothing_left(), asking(server.spec()) as host:
        sample = host.sample(())
    assert sample.outcome is ProbeOutcome.ERROR
    assert "MaxSessions" in sample.reason
