"""Text into Markdown: what comes from elsewhere is shown literally, and rings nobody where the document is pasted."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from bot.domain.messages import Line, Link, Mention, When

SPECIAL = re.compile(r"([\\`*_\[\]#|~$])")
ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
LIST_MARK = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|-|=)")
JOINER = "\u2060"
"""Stands unseen behind an @, so that no program takes the word for somebody's name."""


def text(content: str) -> str:
    """Return foreign text as one line of Markdown that shows it literally."""
    shown = SPECIAL.sub(r"\\\1", " ".join(clean(content).split()))
    shown = LIST_MARK.sub(_escaped_mark, shown)
    for character, entity in ENTITIES:
        shown = shown.replace(character, entity)
    return shown.replace("@", f"@{JOINER}")


def _escaped_mark(mark: re.Match[str]) -> str:
    """Keep what begins like a list or a rule from being one: `1.` and `-` at the beginning of a line."""
    return f"{mark[1]}{mark[2][:-1]}\\{mark[2][-1]}"


def code(content: str) -> str:
    """Return foreign text as a code span, fit for a table too."""
    shown = " ".join(clean(content).split()).replace("|", "\\|")
    if not shown:
        return ""
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: Iterable[str], *, language: str = "") -> list[str]:
    """Return foreign lines as a code block that nothing in them can end."""
    rows = [clean(line).replace("\n", " ") for line in lines]
    ticks = "`" * max(3, max((_longest_run(row) for row in rows), default=0) + 1)
    return [f"{ticks}{language}", *rows, ticks]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; its cells are Markdown already."""
    body = [f"| {' | '.join(cell or ' ' for cell in row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body]


def line(spans: Line) -> str:
    """Return a line of a message as Markdown; moments are shown as their fallback says."""
    parts = []
    for span in spans:
        if isinstance(span, When):
            parts.append(text_within(span.fallback))
        elif isinstance(span, Mention):
            parts.append(text_within(span.name or span.id))
        elif isinstance(span, Link):
            parts.append(f"[{text_within(span.text).strip()}]({span.url})")
        elif span.style == "code":
            parts.append(code(span.text))
        elif span.style == "bold":
            parts.append(f"**{text_within(span.text).strip()}**" if span.text.strip() else span.text)
        else:
            parts.append(text_within(span.text))
    return "".join(parts).strip()


def text_within(content: str) -> str:
    """Return foreign text inside a line: the blanks at its ends are kept."""
    bare = content.strip()
    if not bare:
        return " " if content else ""
    before = " " if content[0].isspace() else ""
    after = " " if content[-1].isspace() else ""
    return f"{before}{text(bare)}{after}"


def clean(content: str) -> str:
    """Take out what acts instead of being read: controls, zero-width and direction marks."""
    return "".join(
        " " if c in "\n\t\r\u2028\u2029" else c
        for c in content
        if c in "\n\t\r\u2028\u2029" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )


def _longest_run(content: str) -> int:
    return max((len(run) for run in re.findall("`+", content)), default=0)
