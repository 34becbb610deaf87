"""Typed reasons: a code and the facts it needs. `present` has one sentence for each code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Fact = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Clue:
    """Why something is believed, doubted, missing or refused; `facts` fill the code's sentence."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def clue(code: str, **facts: Fact) -> Clue:
    return Clue(code=code, facts=facts)
