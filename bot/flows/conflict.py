"""Read, decide, commit; and once more where somebody else was quicker."""

from collections.abc import Callable
from typing import TypeVar

from bot.domain.errors import Conflict

T = TypeVar("T")
TRIES = 100
"""Whoever had a Conflict lost to somebody who is done: with fewer writers than that, each has its turn."""


def retried(attempt: Callable[[], T]) -> T:
    """Call `attempt` until it does not end in Conflict; it reads all it decides by anew. Raises the last Conflict."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except Conflict:
            continue
    return attempt()
