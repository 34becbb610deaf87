"""A process is left as it was found, however it was found."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.collectors.shells import ShellHost, codes, look, running, state, wait_for_state


def test_a_stopped_process_is_looked_at_and_stays_stopped() -> None:
    with running("sleeper") as pid:
        os.kill(pid, signal.SIGSTOP)
        wait_for_state(pid, "T")
        evidence = look(pid)
        assert state(pid) == ("T", 0)
    assert evidence.left_as_found
    assert evidence.longest_pause_ms == 0.0
    assert any(frame.function == "wait" for dump in evidence.dumps for frame in dump.threads[0].frames)


@pytest.mark.parametrize("name", ["sleeper", "spinner"])
def test_a_living_process_lives_on_untraced(name: str) -> None:
    with running(name) as pid:
        evidence = look(pid)
        assert state(pid)[1] == 0
        assert state(pid)[0] in "RS"
    assert evidence.left_as_found
    assert 0 < evidence.longest_pause_ms < 5000


def test_it_is_never_seen_stopped_for_longer_than_a_dump_takes() -> None:
    seen: list[float] = []
    with running("spinner") as pid:
        done = threading.Event()

        def watch() -> None:
            began = None
            while not done.is_set():
                letter, _ = state(pid)
                began = (began or time.monotonic()) if letter in "tT" else None
                seen.append(time.monotonic() - began if began else 0.0)
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        look(pid)
        done.set()
        watcher.join()
    assert max(seen) < 1.0


def test_a_process_in_a_debugger_stays_with_it() -> None:
    """Another tracer is the usual reason that a sampler may not attach: the target is its, before and after."""
    trace = (
        "import ctypes, os, sys, time; libc = ctypes.CDLL(None); pid = int(sys.argv[1])\n"
        "assert libc.ptrace(0x4206, pid, 0, 0) == 0\n"  # PTRACE_SEIZE
        "print('ready', flush=True); time.sleep(3600)"
    )
    with running("sleeper") as pid:
        argv = (sys.executable, "-c", trace, str(pid))
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tracer:
            try:
                assert tracer.stdout is not None
                if tracer.stdout.readline().strip() != b"ready":
                    pytest.skip("this machine lets nobody trace")
                evidence = look(pid)
                assert state(pid)[1] == tracer.pid
            finally:
                tracer.kill()
    assert evidence.left_as_found
    assert evidence.snapshots[0].tracer_pid == tracer.pid
    assert evidence.dumps
    assert codes(evidence) == []


def test_a_sampler_that_is_broken_does_no_harm() -> None:
    with running("sleeper") as pid:
        evidence = look(pid, sampler="/bin/false", host=ShellHost())
        assert state(pid)[1] == 0
    assert evidence.left_as_found
    assert evidence.dumps == ()
    assert codes(evidence) == ["sampler_failed"]
