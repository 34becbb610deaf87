"""Tasks of an event loop, and which of them awaits which. Only Python 3.14 and later show them to an outsider."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.stacks import Frame


@dataclass(frozen=True, kw_only=True)
class AwaitingTask:
    """A task that is not done; `frames` innermost first, `awaited_by` the ids of tasks that wait for it."""

    id: str
    name: str
    frames: tuple[Frame, ...] = ()
    awaited_by: tuple[str, ...] = ()


def circle(tasks: Sequence[AwaitingTask]) -> tuple[AwaitingTask, ...]:
    """Return tasks that await each other in a circle, each awaited by the next; empty where there is none."""
    known = {task.id: task for task in tasks}
    seen: set[str] = set()
    for first in tasks:
        path: list[str] = []
        open_ends = [(first.id, 0)]
        while open_ends:
            at, depth = open_ends.pop()
            del path[depth:]
            if at in path:
                return tuple(known[one] for one in path[path.index(at) :])
            if at in seen or at not in known:
                continue
            path.append(at)
            open_ends.extend((one, len(path)) for one in known[at].awaited_by)
        seen.update(known.keys() & _reached(known, first.id))
    return ()


def _reached(known: dict[str, AwaitingTask], start: str) -> set[str]:
    found, ahead = set[str](), [start]
    while ahead:
        at = ahead.pop()
        if at in known and at not in found:
            found.add(at)
            ahead.extend(known[at].awaited_by)
    return found
