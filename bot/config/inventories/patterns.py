"""Lists of patterns as ssh_config(5) has them: `web*,!web9`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches(name: str, patterns: str) -> bool:
    """Whether one pattern fits and none with a `!` before it does; case does not count."""
    hit = False
    for pattern in patterns.replace(",", " ").split():
        if pattern.startswith("!"):
            if _fits(name, pattern[1:]):
                return False
        else:
            hit = hit or _fits(name, pattern)
    return hit


def literal(patterns: str) -> Iterable[str]:
    """Yield the names that a list holds as such."""
    for pattern in patterns.replace(",", " ").split():
        if not set(pattern) & set("*?!"):
            yield pattern


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))
