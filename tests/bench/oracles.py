"""What the tools that people have would say of the same targets: does their plain output name the line at all?"""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Share, percentile
from tests.victims.running import Victim

PYSTACK = Path(sys.executable).with_name("pystack")
WITHIN_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """`lines`: how many a person has to read."""

    tool: str
    names_it: bool
    lines: int


def opinions(one: Victim, pid: int) -> list[Opinion]:
    """Ask each tool that is here, once. Only of what hangs, and where the victim says which line it is."""
    if one.cause is None:
        return []
    found = []
    if wanted := places(one):
        for tool, argv in _tools(pid).items():
            text = _output(argv)
            named = any(re.search(pattern, text) for pattern in wanted)
            found.append(Opinion(tool=tool, names_it=named, lines=text.count("\n")))
    if one.option("ask") and shutil.which("ss"):
        rows = _output(("ss", "-Hlntp")).splitlines()
        ours = [row.split() for row in rows if f"pid={pid}," in row]
        waiting = any(int(row[1]) > 0 for row in ours)
        found.append(Opinion(tool="ss -lnt: a queue stands", names_it=waiting, lines=len(rows)))
    return found


def places(one: Victim) -> list[str]:
    """Return patterns of the lines that may be named, as `File "…/x.py", line 3` or `(x.py:3)` would."""
    if one.marks["culprit"]:
        return [rf"{re.escape(Path(file).name)}\D+{line}\b" for file, line in one.marks["culprit"]]
    if place := one.text("place"):
        file, _, functions = place.partition(":")
        return [rf"{re.escape(file)}.*\b{re.escape(name)}\b" for name in functions.split(",")]
    return [rf"{re.escape(one.name)}\.py.*\b{re.escape(name)}\b" for name in one.functions]


def _tools(pid: int) -> dict[str, Sequence[str]]:
    tools: dict[str, Sequence[str]] = {}
    if PYSTACK.exists():
        tools["pystack remote"] = (str(PYSTACK), "remote", str(pid))
    if gdb := shutil.which("gdb"):
        tools["gdb thread apply all bt"] = (gdb, "-p", str(pid), "-batch", "-ex", "thread apply all bt")
    return tools


def _output(argv: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, errors="replace", timeout=WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def table(all_of_them: Sequence[Opinion]) -> list[str]:
    lines = []
    for tool in dict.fromkeys(one.tool for one in all_of_them):
        of_it = [one for one in all_of_them if one.tool == tool]
        named = Share(right=sum(one.names_it for one in of_it), of=len(of_it))
        read = percentile([float(one.lines) for one in of_it], 0.5)
        lines.append(f"{tool:<27}{named}, {read:.0f} lines to read (median)")
    return lines
