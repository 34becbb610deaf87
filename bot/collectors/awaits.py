"""The tasks of the process's event loops, where its Python can show them."""

import json

from bot.domain.awaits import AwaitingTask
from bot.domain.stacks import Frame, origin

Sections = dict[str, str]


def tasks(sections: Sections) -> tuple[AwaitingTask, ...]:
    """Return the tasks, the frames of each innermost first. A row that cannot be read ends what is believed."""
    found: list[AwaitingTask] = []
    name, key, frames, waiters = "", "", list[Frame](), list[str]()

    def close() -> None:
        if key:
            found.append(AwaitingTask(id=key, name=name, frames=tuple(frames), awaited_by=tuple(waiters)))

    for line in sections.get("awaits", "").splitlines():
        kind, _, rest = line.partition(" ")
        try:
            if kind == "K":
                number, _, said = rest.partition(" ")
                called = json.loads(said)
                close()
                key, name, frames, waiters = number, called, [], []
            elif kind == "F":
                frames.append(_frame(rest))
            elif kind == "A":
                waiters.append(rest)
        except ValueError:
            break
    close()
    return tuple(found)


def _frame(text: str) -> Frame:
    number, _, rest = text.partition(" ")
    function, end = json.JSONDecoder().raw_decode(rest)
    file = json.loads(rest[end:])
    return Frame(file=file, line=int(number), function=function, origin=origin(file))
