"""Verbs of the full grammar that this version does not have: each tells what to type by hand instead."""

from bot.domain.errors import NotYetBuilt

VERBS = ("run",)


def refusal(verb: str) -> NotYetBuilt:
    return NotYetBuilt(verb=verb)
