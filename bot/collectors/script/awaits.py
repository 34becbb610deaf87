"""The tasks of another process's event loops, as Python 3.14 and later can read them without stopping it."""

import json
import sys

sys.setrecursionlimit(500)
from asyncio.tools import get_all_awaited_by  # noqa: E402

for loop in get_all_awaited_by(int(sys.argv[1])):
    for task in list(loop.awaited_by)[:300]:
        print("K", task.task_id, json.dumps(str(task.task_name)))
        for part in task.coroutine_stack:
            for frame in list(part.call_stack)[:60]:
                print("F", frame.lineno or 0, json.dumps(frame.funcname), json.dumps(frame.filename))
        for waiter in task.awaited_by:
            print("A", waiter.task_name)
