"""What sleeps on purpose is told from what waits for something that may never come."""

from datetime import UTC, datetime

import pytest

from bot.domain import resting
from bot.domain.evidence import Evidence, Process
from bot.domain.stacks import Frame

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
CRON = ("def main():", "    while True:", "        sweep()", "        time.sleep(300)")
STOPS = ("def beat(self):", "    while not self._stopping.is_set():", "        self._stopping.wait(30)")
RUNNING = ("def run(self):", "    while self.running:", "        time.sleep(1)")
FLAG = ("def wait_for(path):", "    while not os.path.exists(path):", "        time.sleep(2)")
CONTAINER = ("def follow(box):", "    while box.running:", "        time.sleep(1)")
ONCE = ("def slow():", "    time.sleep(9999)")
RETRIES = (
    "def feed():",
    "    while True:",
    "        try:",
    "            connect()",
    "        except OSError:",
    "            time.sleep(5)",
)


def evidence(lines: tuple[str, ...]) -> Evidence:
    process = Process(pid=1, started_at=AT, command="shop", runtime="python 3.12")
    source = {"/srv/a.py": dict(enumerate(lines, 1))}
    return Evidence(host="web1", service=None, process=process, at=AT, source=source)


def at_the_end(lines: tuple[str, ...]) -> Frame:
    return Frame(file="/srv/a.py", line=len(lines), function=lines[0].split("(")[0].removeprefix("def "))


@pytest.mark.parametrize("lines", [CRON, STOPS, RUNNING])
def test_a_loop_as_long_as_the_program_sleeps_on_purpose(lines: tuple[str, ...]) -> None:
    assert resting.sleeps_on_purpose(evidence(lines), at_the_end(lines))


@pytest.mark.parametrize("lines", [FLAG, CONTAINER, ONCE, RETRIES])
def test_waiting_for_something_in_small_steps_is_no_rest(lines: tuple[str, ...]) -> None:
    assert not resting.sleeps_on_purpose(evidence(lines), at_the_end(lines))


def test_who_sleeps_in_a_with_keeps_what_it_took() -> None:
    keeps = (
        "def export():",
        "    while True:",
        "        with connect() as one:",
        "            time.sleep(1)",
    )
    assert resting.holds_something(evidence(keeps), at_the_end(keeps))
    assert not resting.holds_something(evidence(CRON), at_the_end(CRON))


def test_a_coroutine_is_known_by_its_first_line() -> None:
    lines = ("async def answer(request):", "    return price()", "", "def price():", "    return ask()")
    one = evidence(lines)
    assert resting.is_coroutine(one, Frame(file="/srv/a.py", line=2, function="answer"))
    assert not resting.is_coroutine(one, Frame(file="/srv/a.py", line=5, function="price"))
    assert not resting.is_coroutine(one, Frame(file="/srv/b.py", line=5, function="price"))
