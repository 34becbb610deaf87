"""The records of the collector: a whole one is what SAMPLE prints, a small one a few lines with a letter before each."""

from collections.abc import Mapping

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.hosts import scripts

NAMES: Mapping[str, tuple[str, str]] = {
    "l": ("loadavg", ""),
    "u": ("uptime", ""),
    "c": ("cpu", ""),
    "a": ("meminfo", "MemAvailable: "),
    "pc": ("psi", "cpu:"),
    "pm": ("psi", "memory:"),
    "pi": ("psi", "io:"),
    "s": ("processes", ""),
}
"""Letter → the section it belongs to, and what stands before it there."""


def read(text: str, mark: str, number: int, *, whole: bool) -> dict[str, str]:
    """Return the sections of a record; of a small one, under the same names and in the same words as of a whole one.

    Raises HostFailure for what no collector answers: each tells how long the host has been up.
    """
    _, _, body = text.rpartition(f"{mark} begin {number}\n")
    found = scripts.sections(body, mark) if whole else _small(body)
    if "uptime" not in found:
        raise HostFailure(ProbeOutcome.ERROR, "its answer cannot be read")
    return found


def _small(body: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in body.split("\n"):
        letter, _, words = line.partition(" ")
        if words and letter in NAMES:
            name, before = NAMES[letter]
            said = f"{before}{words}"
            found[name] = f"{found[name]}\n{said}" if name in found else said
    if "uptime" in found:
        found["now"] = found["uptime"].partition(" ")[0]
    return found
