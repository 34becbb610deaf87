"""The threads of a JVM, out of what `jcmd Thread.print -l` or jstack print; and what its counters say."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.domain.clues import Clue, clue
from bot.domain.java import Names
from bot.domain.monitors import Collected, Jvm, LockStand
from bot.domain.stacks import Dump, ThreadStack

Sections = dict[str, str]
HEAD = re.compile(r'^"(?P<name>.*)" .*\bnid=(?P<nid>0x[0-9a-f]+|\d+)')
FRAME = re.compile(r"^\tat (?P<where>.+)\((?P<source>[^()]*)\)$")
LOCK = re.compile(
    r"^\t- (?P<how>waiting to (?:re-)?lock|waiting on|parking to wait for|locked)\b.*?<(?P<at>0x[0-9a-f]+)> \(an? (?P<kind>.*?)\)"
)
OWNED = re.compile(r"^\t- <(0x[0-9a-f]+)>")
REPORT = re.compile(r"^Found (?:one|\d+) Java-level deadlock")
OMITTED = re.compile(r"^\t\.\.\. (\d+)")
TIMERS = ("sun.rt.safepointTime", "sun.os.hrt.frequency")
SAID = {
    "jvmgentle": "looked_gently",
    "jvmnotool": "no_jcmd",
    "jvmnoattach": "jvm_takes_no_questions",
    "jvmdenied": "jvm_of_another_user",
    "jvmheld": "jvm_is_held",
}


@dataclass
class Reading:
    """A thread while its lines are read."""

    name: str
    tid: int
    frames: list[tuple[str, str]] = field(default_factory=list)
    omitted: int = 0
    state: str = ""
    wants: str = ""
    kind: str = ""
    awaits: str = ""
    holds: list[str] = field(default_factory=list)


def dumps(sections: Sections, outer: Mapping[int, int]) -> tuple[Dump, ...]:
    """Return the dumps in order: a section `jvm AT WALL` each. `outer`: a container's numbers of threads → those of /proc."""
    names = Names.of_command(_command(sections))
    pause = _pause_ms(sections)
    found = []
    for key, text in sections.items():
        if key.startswith("jvm "):
            _, at, wall = key.split()
            bound = float(wall) if pause is None else min(float(wall), pause)
            threads = tuple(_stack(one, names, outer) for one in _threads(text) if one.tid)
            found.append(Dump(at_ms=float(at), wall_ms=bound, stopped_target=True, threads=threads))
    return tuple(found)


def jvm(sections: Sections, outer: Mapping[int, int]) -> Jvm | None:
    """Return what the JVM said of locks and memory; None where it was not asked or did not answer."""
    texts = [text for key, text in sections.items() if key.startswith("jvm ")]
    if not texts:
        return None
    counts = [
        int(found[1])
        for key, text in sections.items()
        if key.startswith("jvmoverflows") and (found := re.search(r"=(\d+)", text))
    ]
    return Jvm(
        stands=tuple(_stand(one, outer) for one in _threads(texts[-1])),
        circle=_circle(texts[-1]),
        overflows=counts[-1] - counts[0] if len(counts) > 1 else 0,
        collected=_collected(sections),
    )


def version(sections: Sections) -> str:
    """Return `17` of the JVM that answered, empty where none did; Java 8 calls itself 25.x."""
    text = next((text for key, text in sections.items() if key.startswith("jvm ")), "")
    found = re.search(r"^Full thread dump .*\((\d+)\.(\d+)", text, re.MULTILINE)
    return "" if not found else "8" if found[1] == "25" and "1.8.0" in text else found[1]


def missing(sections: Sections) -> list[Clue]:
    """Return why a JVM's threads could not be seen."""
    found = [clue(code) for key, code in SAID.items() if key in sections]
    if any(key.startswith("jvm ") for key in sections):
        return found
    for key, text in sections.items():
        if key.startswith("jvmfailed "):
            silent = not text.strip() or "Unable to open socket" in text or "AttachNotSupported" in text
            said = text.strip().splitlines()
            found.append(
                clue("jvm_not_safe", seconds=round(float(key.split()[1]) / 1000))
                if silent
                else clue("jvm_tool_failed", said=said[-1][:160])
            )
    return found


def _command(sections: Sections) -> str:
    return "".join(sections.get("process", "").splitlines()[1:2])


def _threads(text: str) -> Iterable[Reading]:
    found: list[Reading] = []
    for line in text.splitlines():
        if REPORT.match(line):
            break
        if head := HEAD.match(line):
            found.append(Reading(name=head["name"], tid=int(head["nid"], 0)))
        elif found:
            _take(found[-1], line)
    return found


def _take(one: Reading, line: str) -> None:
    if frame := FRAME.match(line):
        one.frames.append((frame["where"], frame["source"]))
    elif lock := LOCK.match(line):
        _lock(one, lock["how"], lock["at"], lock["kind"])
    elif owned := OWNED.match(line):
        one.holds.append(owned[1])
    elif cut := OMITTED.match(line):
        one.omitted = int(cut[1])
    elif "Thread.State:" in line:
        one.state = line.partition("Thread.State:")[2].strip()


def _lock(one: Reading, how: str, at: str, kind: str) -> None:
    """Tell what it cannot get from what it was handed over while it waits for a signal: `Object.wait` gives its lock away."""
    if how == "locked":
        if at not in (one.wants, one.awaits):
            one.holds.append(at)
    elif how == "waiting on":
        one.awaits = at
    elif how != "parking to wait for" or kind.endswith("Sync"):
        one.wants, one.kind = at, kind


def _stand(one: Reading, outer: Mapping[int, int]) -> LockStand:
    return LockStand(
        tid=outer.get(one.tid, one.tid), name=one.name, wants=one.wants, kind=one.kind, holds=tuple(one.holds)
    )


def _stack(one: Reading, names: Names, outer: Mapping[int, int]) -> ThreadStack:
    return ThreadStack(
        tid=outer.get(one.tid, one.tid),
        name=one.name,
        active=one.state.startswith("RUNNABLE"),
        frames=tuple(names.frames(one.frames)),
        omitted=one.omitted,
    )


def _circle(text: str) -> tuple[str, ...]:
    """Return the threads of the first deadlock that the JVM reports: a line `"NAME":` each, until the stacks begin."""
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if REPORT.match(line)), len(lines))
    found: list[str] = []
    for line in lines[begin + 1 :]:
        if line.startswith("Java stack information"):
            break
        if (named := re.match(r'^"(.*)":$', line)) and named[1] not in found:
            found.append(named[1])
    return tuple(found)


def counters(sections: Sections) -> list[tuple[float, dict[str, int]]]:
    """Return what it counts (jdk.internal.perf names), with ms since the start of the collection."""
    found = []
    for key, text in sections.items():
        if key.startswith("jvmcounters "):
            rows = (line.partition("=") for line in text.splitlines())
            found.append(
                (float(key.split()[1]), {name: int(value) for name, _, value in rows if value.isdecimal()})
            )
    return found


def _pause_ms(sections: Sections) -> float | None:
    """Return how long all threads were held between the first and the last look at the counters; None where that is not known."""
    looks = [values for _, values in counters(sections) if all(name in values for name in TIMERS)]
    if len(looks) < 2:
        return None
    time, frequency = TIMERS
    return (looks[-1][time] - looks[0][time]) * 1000 / max(1, looks[-1][frequency])


def _collected(sections: Sections) -> Collected | None:
    """Return how garbage collection fared between two looks at the counters. Collector 1 goes through the whole heap."""
    looks = counters(sections)
    if len(looks) < 2 or not looks[0][1] or not looks[-1][1]:
        return None
    (began, first), (ended, last) = looks[0], looks[-1]
    passed = (ended - began) / 1000 * last.get("sun.os.hrt.frequency", 0)
    spent = sum(
        last[name] - first.get(name, 0)
        for name in last
        if re.fullmatch(r"sun\.gc\.collector\.[01]\.time", name)
    )
    old, most = (
        last.get("sun.gc.generation.1.space.0.used", 0),
        last.get("sun.gc.generation.1.maxCapacity", 0),
    )
    full = "sun.gc.collector.1.invocations"
    return Collected(
        share=spent / passed if passed else 0.0,
        full=last.get(full, 0) - first.get(full, 0),
        filled=old / most if most else 0.0,
    )
