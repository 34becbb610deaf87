"""Which test would have caught it: for each cause what to test, and the beginning of one."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from keyword import iskeyword
from posixpath import basename
from zoneinfo import ZoneInfo

from bot.domain import redaction
from bot.domain.diagnosis import Cause, Finding, Inspection, Place
from bot.domain.postmortem import Postmortem
from bot.present.clues import sentence
from bot.present.report.line import HIDDEN
from bot.present.report.markdown import clean, code, fence, text

WITHIN_S = 5
STATE = (
    "A start, not a finished test. Values are compared on the host and never leave it, so somebody who knows the state that "
    "hung it must put it in:"
)


@dataclass(frozen=True, kw_only=True)
class Idea:
    """What to test, said of `function`; `act` is the step of a test that would show it."""

    what: str
    act: str


IDEAS: Mapping[Cause, Idea] = {
    Cause.INFINITE_RECURSION: Idea(
        what="A test that gives {function} input which leads back to itself ({cycle}), and demands that it ends or raises within {within} s. "
        "A check of such input where it is read would catch it even before.",
        act="call it with input that leads back to itself",
    ),
    Cause.BUSY_LOOP: Idea(
        what="A test that calls {function} in the state in which nothing changes what would end its loop, and demands that it ends or raises within {within} s.",
        act="put it into the state in which the end of the loop never comes nearer, then call it",
    ),
    Cause.REGEX_BACKTRACKING: Idea(
        what="A test that matches the pattern of {function} against long texts that almost match, and demands an answer within {within} s: the time must not explode as the text grows.",
        act="match it against 'a' * n + '!' for growing n, with the characters that the pattern repeats",
    ),
    Cause.GC_THRASH: Idea(
        what="A test that runs {function} under a memory limit near the real one, and demands that it ends within {within} s.",
        act="call it with as much data as there was, under resource.setrlimit(resource.RLIMIT_AS, ...)",
    ),
    Cause.GIL_HELD: Idea(
        what="A test that calls {function} in one thread and counts in another: the counting must go on meanwhile.",
        act="start a thread that counts, call it, and demand that the count grew",
    ),
    Cause.DEADLOCK: Idea(
        what="A test that runs the two paths that met in {function} in two threads, through a barrier and in both orders, and demands that both end within {within} s.",
        act="run both paths in threads that wait at one threading.Barrier(2)",
    ),
    Cause.ORPHAN_LOCK: Idea(
        what="A test that ends whoever holds the lock in the middle, and demands that {function} still gets it, or fails, within {within} s.",
        act="take the lock in a process, kill that process, then call it",
    ),
    Cause.FORK_LOCK: Idea(
        what="A test that forks while another thread holds the lock, and demands that {function} ends in the child within {within} s.",
        act="hold the lock in a thread, fork, and call it in the child",
    ),
    Cause.EVENT_LOOP_BLOCKED: Idea(
        what="A test that runs {function} beside a task that wakes every 10 ms, and demands that no wake-up is late by more than 100 ms (asyncio's debug mode tells slow steps as well).",
        act="run it and a ticking task with asyncio.run(..., debug=True)",
    ),
    Cause.ASYNC_DEADLOCK: Idea(
        what="A test that runs the coroutines that wait for each other under asyncio.timeout({within}).",
        act="gather both coroutines under asyncio.timeout",
    ),
    Cause.POOL_EXHAUSTED: Idea(
        what="A test with a pool of one that sends as many requests as there are workers plus one through {function}, and demands that all end, or are refused, within {within} s.",
        act="make the pool as small as it gets and call it from more threads than that",
    ),
    Cause.QUEUE_STARVED: Idea(
        what="A test that ends whoever feeds the queue, and demands that {function} notices within {within} s.",
        act="stop the producer, then call it",
    ),
    Cause.BLOCKED_NETWORK: Idea(
        what="A test in which the peer accepts the connection and then says nothing: {function} must give up within its own time limit.",
        act="let it talk to a socket that accepts and never answers",
    ),
    Cause.BLOCKED_DNS: Idea(
        what="A test in which the resolver does not answer: {function} must give up within its own time limit.",
        act="let it resolve a name through a resolver that never answers",
    ),
    Cause.BLOCKED_SUBPROCESS: Idea(
        what="A test with a child that never ends and one that writes more than a pipe holds (64 KiB): {function} must end both within its time limit.",
        act="give it a child that sleeps, and one that writes 1 MiB",
    ),
    Cause.BLOCKED_PIPE: Idea(
        what="A test in which nobody reads, or writes, the other end of the pipe: {function} must give up within {within} s.",
        act="give it a pipe whose other end nobody serves",
    ),
    Cause.BLOCKED_FILE_LOCK: Idea(
        what="A test in which another process holds the file's lock: {function} must give up within its own time limit.",
        act="lock the file in another process, then call it",
    ),
    Cause.BLOCKED_DATABASE: Idea(
        what="A test in which another session holds the row or table: {function} must give up by its statement or lock timeout.",
        act="hold a lock in a second session, then call it",
    ),
    Cause.DISK_WAIT: Idea(
        what="No unit test shows a disk that does not answer. A test with a file system that stalls (a FUSE mount that sleeps) shows whether the rest of the service still answers.",
        act="put its files on a mount that stalls, and ask the health URL",
    ),
    Cause.STOPPED: Idea(
        what="No test of the program: somebody or something stopped it. A watch on the process state (T) would tell.",
        act="",
    ),
    Cause.MEMORY_PRESSURE: Idea(
        what="A load test under the memory limit of the real host, which demands that {function} refuses work rather than swap.",
        act="run it with real data under the real memory limit",
    ),
    Cause.CPU_STARVED: Idea(
        what="No test of the program: it was not let to run. A load test under the real CPU quota would show it.",
        act="",
    ),
    Cause.SLOW_PROGRESS: Idea(
        what="A test that runs {function} with as much work as there was, and demands that it ends within the time that callers wait.",
        act="call it with as much work as there was",
    ),
}
"""For every cause but `idle` and `unknown`, of which no test can be derived."""


def which_test(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    lines = ["## Which test would have caught this?", ""]
    if it.inspection is not None and not it.evidence:
        return [*lines, HIDDEN]
    return [*lines, *suggestion(it.inspection)]


def suggestion(inspection: Inspection | None) -> list[str]:
    """Return lines of Markdown; without a cause it says that none can be derived."""
    finding = next(iter(inspection.diagnosis.findings), None) if inspection else None
    idea = IDEAS.get(finding.cause) if finding else None
    if inspection is None or finding is None or idea is None:
        return [
            "No cause was named, so no test can be derived from it. The question stays open for the review."
        ]
    place = finding.culprit
    named = code(_bare(place)) if place else "the function that was stuck"
    cycle = " → ".join(code(name) for name in _cycle(finding)) or "the cycle"
    lines = [idea.what.format(function=named, cycle=cycle, within=WITHIN_S)]
    if place is None or not idea.act:
        return lines
    if not place.file.endswith(".py"):
        line = f" line {place.line}" if place.line else ""
        return [*lines, "", f"It stands in {code(place.file)}{line}."]
    return [
        *lines,
        "",
        STATE,
        "",
        *fence(_stub(inspection, place, finding, idea), language="python"),
    ]


def _stub(inspection: Inspection, place: Place, finding: Finding, idea: Idea) -> list[str]:
    """Return the beginning of a test: it fails by its own time limit, with the stack of where it stood."""
    module, names = basename(place.file).removesuffix(".py"), _bare(place).split(".")
    importable = all(name.isidentifier() and not iskeyword(name) for name in (module, *names))
    test = "_".join(name.strip("_").lower() for name in names if name.isidentifier()) or "it"
    call = f"{'(...).'.join(names)}({_arguments(inspection, names[-1])})" if importable else "..."
    from_where = f"from {module} import {names[0]}" if importable else ""
    caller = finding.called_from
    called = (
        [f"    # called from {_remark(f'{_bare(caller)}, {basename(caller.file)} line {caller.line}')}"]
        if caller
        else []
    )
    return [
        "import faulthandler",
        "",
        from_where or f"# import {_remark(_bare(place))} from {_remark(place.file)}",
        "",
        "",
        f"def test_{test}_comes_to_an_end():",
        f"    # it stood at {_remark(basename(place.file))} line {place.line}:",
        *(f"    #   {_remark(sentence(one))}" for one in finding.because),
        *called,
        f"    faulthandler.dump_traceback_later({WITHIN_S}, exit=True)  # a hang ends the test run, with every stack",
        "    try:",
        f"        {call}  # {idea.act}",
        "    finally:",
        "        faulthandler.cancel_dump_traceback_later()",
    ]


def _arguments(inspection: Inspection, function: str) -> str:
    """Return `tenant=..., key=...` where the source around the line holds the function's head, else `...`."""
    for _, row in inspection.snippet:
        try:
            head = ast.parse(f"{row.strip()} ...").body[0]
        except (SyntaxError, ValueError, IndexError):
            continue
        if isinstance(head, ast.FunctionDef | ast.AsyncFunctionDef) and head.name == function:
            names = [one.arg for one in (*head.args.posonlyargs, *head.args.args, *head.args.kwonlyargs)]
            wanted = [f"{name}=..." for name in names if name not in ("self", "cls")]
            return ", ".join(wanted)
    return "..."


def _remark(content: str) -> str:
    return clean(redaction.prose(content))


def _bare(place: Place) -> str:
    """Return a function's name without what no program could import: `<locals>` and the like."""
    return place.function.rpartition("<locals>.")[2] or place.function


def _cycle(finding: Finding) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(one.function.rpartition(".")[2] for one in finding.cycle))
    return (*names, names[0]) if names else ()


def action(inspection: Inspection | None) -> str:
    """Return what is to be mended, as a line of Markdown for the list of actions; empty where no cause is named."""
    finding = next(iter(inspection.diagnosis.findings), None) if inspection else None
    if finding is None or finding.cause not in IDEAS:
        return ""
    if finding.culprit is None:
        return text(sentence(finding.suggest)) if finding.suggest else ""
    place = finding.culprit
    line = f" line {place.line}" if place.line else ""
    return f"Mend {code(_bare(place))}, {code(basename(place.file))}{line}"
