"""Queries as they may be shown: their shape, without a literal."""

import re

from bot.domain.redaction import command as redact

MOST = 200
LITERALS = re.compile(
    r"/\*.*?(?:\*/|\Z)"  # comments may hold anything
    r"|--[^\n]*"
    r"|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)"
    r"|\b[xXbBnNeEuU]?&?'(?:''|\\.|[^'\\])*(?:'|\Z)"
    r"|'(?:''|\\.|[^'\\])*(?:'|\Z)"
    r"|(?<![\w$.])[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\b",
    re.DOTALL,
)
QUOTED = re.compile(r'"(?:""|\\.|[^"\\])*(?:"|\Z)', re.DOTALL)


def shape(text: str, *, quotes_are_strings: bool = False) -> str:
    """Return a query with `?` for its strings and numbers, and without comments, on one line, cut.

    `quotes_are_strings`: `"x"` is a string, as in MySQL, and not a name. A string that was cut loses all its rest.
    """
    if quotes_are_strings:
        text = QUOTED.sub("'x'", text)
    bare = LITERALS.sub(lambda found: "" if found[0].startswith(("/*", "--")) else "?", text)
    line = redact(" ".join(bare.split()))
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"
