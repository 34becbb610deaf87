"""What is seen of a native program beside its stacks: who holds the mutexes that it waits for, and what could not be had."""

from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import NAMELESS
from bot.domain.monitors import Mutex

Sections = dict[str, str]
SAID = {
    "nativegentle": "looked_gently",
    "nativeapart": "native_in_container",
    "nativenotool": "no_debugger",
    "nativeheld": "native_is_held",
    "nativeslow": "native_is_large",
}

BY_HAND = ("node", "ruby", "php")
"""Runtimes that show their lines to somebody who does what we do not do by ourselves: signal them, or bring a sampler."""


def mutexes(sections: Sections) -> tuple[Mutex, ...]:
    """Read rows `TID ADDRESS OWNER here|gone` of threads that wait for a mutex of glibc."""
    found = []
    for row in sections.get("mutexes", "").splitlines():
        words = row.split()
        if len(words) == 4 and words[0].isdecimal() and words[2].isdecimal():
            mutex = Mutex(tid=int(words[0]), address=words[1], owner=int(words[2]), lives=words[3] == "here")
            found.append(mutex)
    return tuple(found)


def missing(sections: Sections, runtime: str, pid: int) -> list[Clue]:
    """Return what was not seen of it, and what would show it."""
    if runtime in BY_HAND:
        return [clue(f"no_lines_of_{runtime}", pid=pid)]
    if "nativescript" in sections:
        return [clue("no_lines_of_runtime", runtime=runtime)]
    for key, code in SAID.items():
        if key in sections:
            return [clue(code)]
    stacks = [text for key, text in sections.items() if key.startswith("dump ")]
    if not stacks:
        tool = sections.get("nativetool", "").strip() or "gdb"
        return [clue("debugger_failed", tool=tool)]
    rows = [row for text in stacks for row in text.splitlines() if row.startswith("F ")]
    nameless = sum(f'"{NAMELESS}"' in row for row in rows)
    return [clue("no_symbols")] if nameless * 2 > len(rows) else []
