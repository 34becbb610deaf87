"""Tasks and who awaits them are read from what Python 3.14 shows of another process."""

import subprocess
import sys
from datetime import UTC, datetime

from bot.collectors.awaits import tasks
from bot.collectors.scripts import FOLDER
from bot.diagnosers import async_deadlock
from bot.domain.awaits import AwaitingTask, circle
from bot.domain.diagnosis import Cause
from bot.domain.evidence import Evidence, Process

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
CIRCLE = """K 11 "fill"
F 40 "fill" "/srv/shop/cache.py"
A 12
K 12 "drain"
F 52 "drain" "/srv/shop/cache.py"
A 11
K 13 "Task-1"
F 213 "Event.wait" "/usr/lib/python3.14/asyncio/locks.py"
F 7 "main" "/srv/shop/main.py"
"""
LINE = CIRCLE.replace("A 11\n", "A 13\n")


STAND_IN = """
import sys, types
from types import SimpleNamespace as One
def seen(pid):
    frame = One(lineno=40, funcname="fill", filename="/srv/shop/cache.py")
    waiter = One(call_stack=[frame], task_name=12)
    task = One(task_id=11, task_name="fill", coroutine_stack=[One(call_stack=[frame], task_name="fill")], awaited_by=[waiter])
    return [One(thread_id=pid, awaited_by=[task])]
sys.modules["asyncio.tools"] = types.ModuleType("asyncio.tools")
sys.modules["asyncio.tools"].get_all_awaited_by = seen
"""


def evidence(text: str) -> Evidence:
    process = Process(pid=1, started_at=AT, command="shop", runtime="python 3.14")
    return Evidence(host="web1", service=None, process=process, at=AT, awaiting=tasks({"awaits": text}))


def test_tasks_that_await_each_other_are_a_deadlock_at_the_line_of_one_of_them() -> None:
    found = async_deadlock.diagnose(evidence(CIRCLE))
    assert found is not None
    assert (found.cause, found.confidence) == (Cause.ASYNC_DEADLOCK, 0.92)
    assert {(one.file, one.line) for one in found.cycle} == {
        ("/srv/shop/cache.py", 40),
        ("/srv/shop/cache.py", 52),
    }
    assert found.culprit in found.cycle


def test_tasks_that_await_one_another_in_a_line_are_none() -> None:
    assert async_deadlock.diagnose(evidence(LINE)) is None


def test_a_task_that_many_await_is_no_circle() -> None:
    shared = AwaitingTask(id="1", name="shared", awaited_by=("2", "3"))
    others = (
        AwaitingTask(id="2", name="a", awaited_by=("4",)),
        AwaitingTask(id="3", name="b", awaited_by=("4",)),
    )
    assert circle((shared, *others, AwaitingTask(id="4", name="main"))) == ()


def test_a_task_can_await_itself() -> None:
    assert [task.id for task in circle((AwaitingTask(id="1", name="a", awaited_by=("1",)),))] == ["1"]


def test_what_ends_in_the_middle_is_read_up_to_there() -> None:
    assert [task.name for task in tasks({"awaits": CIRCLE[:60]})] == ["fill"]
    assert tasks({}) == ()


def test_the_program_says_what_the_reader_reads() -> None:
    program = STAND_IN + (FOLDER / "awaits.py").read_text()
    argv = (sys.executable, "-I", "-S", "-c", program, "4021")
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    (one,) = tasks({"awaits": said})
    assert (one.id, one.name, one.awaited_by) == ("11", "fill", ("12",))
    assert [(frame.file, frame.line) for frame in one.frames] == [("/srv/shop/cache.py", 40)]
