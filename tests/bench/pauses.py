"""The pause that a target sees itself while it is looked at: a thread of it measures its own longest gap."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.ports import Host
from tests.bench.figures import percentile
from tests.victims.running import look

THREADS = (1, 4, 40)
AS_LONG_AS_A_LOOK_S = 1.5
TARGET = """
import sys, threading, time
longest, last = 0.0, time.monotonic()
def measure():
    global longest, last
    while True:
        time.sleep(0.001)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
def work(depth, event):
    if depth:
        work(depth - 1, event)
    else:
        event.wait()
for number in range(int(sys.argv[1]) - 1):
    threading.Thread(target=work, args=(15, threading.Event()), daemon=True).start()
threading.Thread(target=measure, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    found, longest = longest, 0.0
    print(found * 1000, flush=True)
"""


class Gaps:
    """A running target; each question is answered with the longest gap since the one before, in ms."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process, self.pid = process, process.pid

    def longest_ms(self) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def measuring(threads: int) -> Iterator[Gaps]:
    argv = (sys.executable, "-c", TARGET, str(threads))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield Gaps(process)
        finally:
            process.kill()


def table(host: Host, *, looks: int) -> list[str]:
    """Return a line for each number of threads: the gaps while it is looked at, and as many without."""
    lines = ["threads   looked at: p50, p95, worst ms     left alone: p50, p95, worst ms"]
    for threads in THREADS:
        alone, seen = [], []
        with measuring(threads) as target:
            for _ in range(looks):
                target.longest_ms()
                time.sleep(AS_LONG_AS_A_LOOK_S)
                alone.append(target.longest_ms())
                look(target.pid, host)
                seen.append(target.longest_ms())
        lines.append(f"{threads:>7}   {_row(seen):<34}  {_row(alone)}")
    return lines


def _row(gaps: list[float]) -> str:
    return f"{percentile(gaps, 0.5):.1f}, {percentile(gaps, 0.95):.1f}, {max(gaps, default=0):.1f}"
