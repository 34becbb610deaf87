"""Whoever reads the log may stop reading: nobody in the bot waits for it."""

import fcntl
import io
import os
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from bot.telemetry import MOST_LINES, Logs, Unblocked
from tests.chat.slack.running import HANGBOT, ROOT, environ, written
from tests.sandbox_process import Sandbox
from tests.sshd import free_port
from tests.web.wire import ask

PIPE_BYTES = 4096


class Stuck(io.StringIO):
    """A stream that takes nothing until it is free."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def write(self, text: str) -> int:
        self.free.wait(60)
        return super().write(text)


def test_a_reader_that_stands_still_keeps_nobody_and_gets_the_newest_lines_when_it_goes_on() -> None:
    stuck = Stuck()
    stream = Unblocked(stuck)
    logs = Logs(stream=stream)
    for number in range(MOST_LINES + 500):
        logs.event("line", number=number)
    assert stuck.getvalue() == ""
    stuck.free.set()
    stream.end(within_s=60)
    lines = stuck.getvalue().splitlines()
    assert MOST_LINES <= len(lines) <= MOST_LINES + 500
    assert f'"number": {MOST_LINES + 499}' in lines[-1]


def test_the_end_waits_for_what_is_not_written_yet_and_not_for_ever() -> None:
    stuck = Stuck()
    stream = Unblocked(stuck)
    Logs(stream=stream).event("last words")
    began = time.monotonic()
    stream.end(within_s=0.2)
    assert time.monotonic() - began >= 0.2
    stuck.free.set()
    stream.end(within_s=60)
    assert "last words" in stuck.getvalue()


def test_a_reader_that_is_gone_is_no_fault() -> None:
    read, write = os.pipe()
    os.close(read)
    closed = os.fdopen(write, "w")
    stream = Unblocked(closed)
    for _ in range(3):
        Logs(stream=stream).event("to nobody")
    stream.end(within_s=60)
    with suppress(BrokenPipeError):
        closed.close()


def filled() -> tuple[int, int]:
    """Return the ends of a pipe that takes nothing more."""
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while True:
            os.write(write, b"x" * PIPE_BYTES)
    os.set_blocking(write, True)
    return read, write


def test_a_bot_whose_log_is_stuck_goes_on(sandbox: Sandbox, tmp_path: Path) -> None:
    read, write = filled()
    port = free_port()
    argv = (HANGBOT, "-c", str(written(tmp_path)), "run", "--http", f"127.0.0.1:{port}")
    bot = subprocess.Popen(argv, cwd=ROOT, env=environ(sandbox), stdin=subprocess.DEVNULL, stderr=write)
    try:
        sandbox.wait_for(lambda state: state["connected"] == 1, 60)
        sandbox.wait_for(lambda _: 'hangbot_probe_rounds_total{outcome="ok"} 2' in scraped(port), 60)
        assert sandbox.say("ana", "/hang help")["ok"]
        bot.terminate()
        assert bot.wait(40) == 0
    finally:
        bot.kill()
        bot.wait()
        os.close(read)
        os.close(write)


def scraped(port: int) -> str:
    return ask(f"http://127.0.0.1:{port}", "/metrics").body
