"""What can be read out of evidence before anything is suspected: CPU per thread, frames that stay, where a thread stands."""

import re
from collections.abc import Iterable, Sequence

from bot.domain.diagnosis import Place, spot
from bot.domain.evidence import Evidence, Socket, Syscall, Task
from bot.domain.loops import loops_at
from bot.domain.stacks import Frame, Origin, ThreadStack
from bot.domain.traffic import Traffic

HOT_SHARE = 0.5
"""Of a core: a thread that wants this much computes."""
HOT_TOGETHER = 0.6
HOT_MEMBER = 0.08
"""Threads of one kind under one interpreter lock share a core: together hot, none of them alone."""
RECURSION_LIMIT = 1000


def is_native(evidence: Evidence) -> bool:
    """Return whether it is a program of native code: its stacks tell functions, but not what its libraries are for."""
    return not evidence.process.runtime.startswith(("python", "java"))


def window_s(evidence: Evidence) -> float:
    """Return the seconds between the first two snapshots, 0 where there are not two."""
    if len(evidence.snapshots) < 2:
        return 0.0
    return max(0.0, evidence.snapshots[1].at_ms - evidence.snapshots[0].at_ms) / 1000


def cpu_shares(evidence: Evidence) -> dict[int, float]:
    """Return tid → share of a core that it wanted in the window: run and wait of schedstat, else ticks.

    Running time alone misleads on a busy host: what waits for the CPU wants it too.
    """
    seconds = window_s(evidence)
    if not seconds:
        return {}
    before = {task.tid: task for task in evidence.snapshots[0].tasks}
    return {
        task.tid: _share(before[task.tid], task, seconds, evidence.ticks_per_second)
        for task in evidence.snapshots[1].tasks
        if task.tid in before
    }


def _share(before: Task, after: Task, seconds: float, ticks: int) -> float:
    if before.run_ns is not None and after.run_ns is not None:
        waited = (after.wait_ns or 0) - (before.wait_ns or 0)
        return min(1.5, (after.run_ns - before.run_ns + waited) / 1e9 / seconds)
    used = after.utime_ticks + after.stime_ticks - before.utime_ticks - before.stime_ticks
    return used / ticks / seconds


def samples(evidence: Evidence) -> dict[int, list[ThreadStack]]:
    """Return tid → its stacks in the order of the dumps."""
    found: dict[int, list[ThreadStack]] = {}
    for dump in evidence.dumps:
        for thread in dump.threads:
            if thread.frames:
                found.setdefault(thread.tid, []).append(thread)
    return found


def alike(threads: dict[int, list[ThreadStack]]) -> list[list[int]]:
    """Return groups of threads that began in the same places: the workers of one pool."""
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for tid, stacks in threads.items():
        key = tuple((frame.file, frame.function) for frame in reversed(shared(stacks)[-6:]))
        groups.setdefault(key, []).append(tid)
    return list(groups.values())


def hot_groups(evidence: Evidence) -> list[list[int]]:
    """Return the groups of threads that burn CPU, the hottest first."""
    shares, threads = cpu_shares(evidence), samples(evidence)
    found = []
    for group in alike(threads):
        wanted = [shares.get(tid, 0.0) for tid in group]
        members = [tid for tid, share in zip(group, wanted, strict=True) if share >= HOT_MEMBER]
        if members and (max(wanted) >= HOT_SHARE or sum(wanted) >= HOT_TOGETHER):
            found.append((sum(wanted), members))
    return [members for _, members in sorted(found, key=lambda one: -one[0])]


def shared(stacks: Sequence[ThreadStack]) -> tuple[Frame, ...]:
    """Return the frames that all samples share, innermost first: equal functions from the outermost inwards, calling
    from equal lines. The innermost of them may stand on different lines; it carries that of the last sample.
    """
    if not stacks:
        return ()
    common: list[Frame] = []
    for at in range(1, min(len(stack.frames) for stack in stacks) + 1):
        frames = [stack.frames[-at] for stack in stacks]
        if len({(frame.file, frame.function) for frame in frames}) > 1:
            break
        common.append(frames[-1])
        if len({frame.line for frame in frames}) > 1:
            break
    return tuple(reversed(common))


def lines_in(stacks: Iterable[ThreadStack], frame: Frame) -> set[int]:
    """Return the lines on which samples stood in a frame's function, outside the frames' callees."""
    return {
        one.line
        for stack in stacks
        for one in stack.frames
        if (one.file, one.function) == (frame.file, frame.function)
    }


def innermost(frames: Iterable[Frame], *origins: Origin) -> Frame | None:
    """Return the innermost frame of one of these origins."""
    return next((frame for frame in frames if frame.origin in origins), None)


def application(frames: Iterable[Frame]) -> Frame | None:
    return innermost(frames, Origin.APPLICATION)


def place(evidence: Evidence, frame: Frame, line: int | None = None) -> Place:
    """Return a frame as a place, with its source where that was read."""
    number = frame.line if line is None else line
    text = evidence.source.get(frame.file, {}).get(number, "").strip()
    return Place(file=frame.file, line=number, function=frame.function, source=text)


def bare(function: str) -> str:
    """Return the bare name of a function: from Python 3.11 on the names are qualified."""
    return function.rpartition(".")[2]


def stands_in(stack: ThreadStack, *wanted: tuple[str, str]) -> bool:
    """Return whether a (file name, bare function name) of these is among the frames before the application's own."""
    for frame in stack.frames:
        if frame.origin is Origin.APPLICATION:
            return False
        if any(name == bare(frame.function) and frame.file.endswith(file) for file, name in wanted):
            return True
    return False


CONDITION = ("/threading.py", "wait")
QUEUE_GET = (
    ("/queue.py", "get"),
    ("/Queue.py", "get"),
    *((f"concurrent/{kind}.java", name)
      for kind in ("LinkedBlockingQueue", "ArrayBlockingQueue", "PriorityBlockingQueue", "DelayQueue", "SynchronousQueue",
                   "LinkedTransferQueue", "LinkedBlockingDeque")
      for name in ("take", "poll", "takeFirst", "takeLast")),
)  # fmt: skip


def waits_for_jobs(evidence: Evidence, stack: ThreadStack) -> bool:
    """Return whether a worker stands where work is handed to it: in a queue, or in a condition in the very loop that it began with."""
    if stands_in(stack, *QUEUE_GET):
        return True
    own = [frame for frame in stack.frames if frame.origin is not Origin.INTERPRETER]
    if len(own) != 1 or not stands_in(stack, CONDITION) or stack.frames[-1] is own[0]:
        return False
    loops = loops_at(evidence.source.get(own[0].file, {}), own[0].line)
    return any(not loop.counts for loop in loops) and len(loops) > 1


def package_of(frame: Frame) -> str:
    """Return the public package that a frame is of: `pymongo`, `org/postgresql`."""
    parts = re.split(r"(?:site|dist)-packages/", frame.file)[-1].split("/")
    return "/".join(parts[: 2 if frame.file.endswith((".java", ".kt", ".scala")) else 1])


def name_of(stack: ThreadStack) -> str:
    return stack.name or str(stack.tid)


def names(threads: dict[int, list[ThreadStack]], tids: Iterable[int]) -> tuple[str, ...]:
    return tuple(name_of(threads[tid][-1]) for tid in tids if tid in threads)


def tasks(evidence: Evidence, tid: int) -> list[Task]:
    """Return a thread in each snapshot that has it."""
    return [task for snapshot in evidence.snapshots for task in snapshot.tasks if task.tid == tid]


def parked_in(evidence: Evidence, tid: int) -> Syscall | None:
    """Return the system call in which a thread stood in both snapshots, with the same first argument; else None."""
    seen = [task.syscall for task in tasks(evidence, tid)]
    if len(seen) < 2 or seen[0] is None or seen[-1] is None:
        return None
    same = seen[0].number == seen[-1].number and seen[0].args[:1] == seen[-1].args[:1]
    return seen[-1] if same else None


def is_parked(evidence: Evidence, tid: int) -> bool:
    """Return whether a thread sleeps and hardly woke in the window; what cannot be seen counts as yes."""
    seen = tasks(evidence, tid)
    if len(seen) < 2:
        return True
    first, last = seen[0], seen[1]
    switched = (last.voluntary_switches or 0) - (first.voluntary_switches or 0)
    return last.state in ("S", "D", "I") and switched <= 3 and cpu_shares(evidence).get(tid, 0.0) < HOT_MEMBER


ANY_CHILD = {"wait4": (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF), "waitid": (0,)}


def minds_any_child(call: Syscall | None) -> bool:
    """Return whether a call waits for whichever child ends first: who looks after workers does."""
    return call is not None and call.args[:1] != () and call.args[0] in ANY_CHILD.get(call.name, ())


def socket_of(evidence: Evidence, call: Syscall | None) -> Socket | None:
    """Return the socket that a call's first argument names."""
    if call is None or not call.args:
        return None
    return next((socket for socket in evidence.sockets if socket.fd == call.args[0]), None)


def is_accepted(evidence: Evidence, socket: Socket | Traffic) -> bool:
    """Return whether a connection came in to one of the process's own listening sockets."""
    port = socket.local.rpartition(":")[2]
    return any(one.state == "LISTEN" and one.local.rpartition(":")[2] == port for one in evidence.sockets)


def is_open_to_all(socket: Socket) -> bool:
    """Return whether a socket takes what anybody sends: one of datagrams that is connected to nobody serves."""
    return socket.protocol == "udp" and socket.peer.rpartition(":")[2] == "0"


def takes_line_by_line(evidence: Evidence, frame: Frame) -> bool:
    """Return whether a line is the head of a `for`: what it goes over may have nothing more to say for now."""
    return evidence.source.get(frame.file, {}).get(frame.line, "").lstrip().startswith(("for ", "async for "))


def io_moved(evidence: Evidence) -> int:
    """Return how many bytes it read and wrote in the window; 0 too where that cannot be seen."""
    if len(evidence.snapshots) < 2:
        return 0
    first, last = evidence.snapshots[0], evidence.snapshots[1]
    pairs = ((first.rchar, last.rchar), (first.wchar, last.wchar))
    return sum(after - before for before, after in pairs if before is not None and after is not None)


def bytes_read(evidence: Evidence) -> int:
    """Return how many bytes it read in the window; 0 too where that cannot be seen."""
    counts = [one.rchar for one in evidence.snapshots[:2] if one.rchar is not None]
    return counts[1] - counts[0] if len(counts) == 2 else 0


def short(frame: Frame | Place) -> str:
    """Return `session.py line 41`."""
    return spot(frame.file, frame.line)
