"""The date grammar's door: a phrase, or the whole tail of `/hang review [INC] WHEN [for 45m] [with @a @b]`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.clues import clue
from bot.domain.meetings.parser import parse
from bot.domain.meetings.resolve import resolve
from bot.domain.meetings.slot import Answer, Refused, Unreadable
from bot.domain.meetings.tokens import Token, tokens

DEFAULT_MINUTES = 45
LONGEST = 300
INCIDENT = re.compile(r"inc-[0-9]{1,9}|inc_[0-9a-z]{1,40}")
PERSON = re.compile(r"@[^\s@]+")
AND = frozenset(("and", "&", "+"))


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Who wants to meet whom, when and about what. `people` are as typed, without the @ (`ben`, `U024BE7LH`).

    `minutes` is None where nobody said a length, or where the phrase could not be read.
    """

    when: Answer
    minutes: int | None
    people: tuple[str, ...]
    incident: str | None


def read_when(
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    default_minutes: int = DEFAULT_MINUTES,
    month_first: bool | None = None,
) -> Answer:
    """Return the slot that a phrase means, a question, or a refusal that names the word or the reason.

    `now` is aware; `zone` counts where the phrase names none. `month_first`: whether 5/6 is 6 May to this person (en-US),
    None where nobody knows: then it is refused. Never raises for any text.
    """
    if len(text) > LONGEST:
        return Refused(clue=clue("too_long", length=len(text), most=LONGEST))
    answer, _ = _read(
        tokens(text), now=now, zone=zone, default_minutes=default_minutes, month_first=month_first
    )
    return answer


def read_wish(
    words: Sequence[str],
    *,
    now: datetime,
    zone: ZoneInfo,
    default_minutes: int = DEFAULT_MINUTES,
    month_first: bool | None = None,
) -> Wish:
    """Return everything that stands behind `/hang review`, its parts in any order."""
    text = " ".join(words)
    if len(text) > LONGEST:
        refused = Refused(clue=clue("too_long", length=len(text), most=LONGEST))
        return Wish(when=refused, minutes=None, people=(), incident=None)
    found = tokens(text)
    incident, found = _incident(found)
    try:
        people, found = _people(found)
    except Unreadable as unreadable:
        return Wish(when=Refused(clue=unreadable.clue), minutes=None, people=(), incident=incident)
    answer, minutes = _read(
        found, now=now, zone=zone, default_minutes=default_minutes, month_first=month_first
    )
    return Wish(when=answer, minutes=minutes, people=people, incident=incident)


def _read(
    found: Sequence[Token],
    *,
    now: datetime,
    zone: ZoneInfo,
    default_minutes: int,
    month_first: bool | None,
) -> tuple[Answer, int | None]:
    minutes = None
    try:
        phrase = parse(found, own=zone, month_first=month_first)
        minutes = phrase.minutes
        return resolve(phrase, now=now, own=zone, default_minutes=default_minutes), minutes
    except Unreadable as unreadable:
        return Refused(clue=unreadable.clue), minutes


def _incident(found: Sequence[Token]) -> tuple[str | None, tuple[Token, ...]]:
    """Take the first incident out; a second one is a word that nobody can read."""
    for place, token in enumerate(found):
        if INCIDENT.fullmatch(token.text):
            name = token.text.upper() if token.text.startswith("inc-") else token.text
            return name, (*found[:place], *found[place + 1 :])
    return None, tuple(found)


def _people(found: Sequence[Token]) -> tuple[tuple[str, ...], tuple[Token, ...]]:
    """Take everybody out who is mentioned, and the words between them. Raises Unreadable for `with ben`."""
    people: list[str] = []
    rest: list[Token] = []
    joined = False
    for place, token in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        mentioned = following is not None and PERSON.fullmatch(following.text)
        if PERSON.fullmatch(token.text):
            people.append(token.typed.strip(".,:'")[1:])
            joined = True
        elif token.text == "with":
            if not mentioned:
                raise Unreadable(clue("person_unclear", word=following.typed if following else token.typed))
            joined = False
        elif joined and token.text in AND and following is not None:
            if not mentioned:
                raise Unreadable(clue("person_unclear", word=following.typed))
        else:
            rest.append(token)
            joined = False
    return tuple(dict.fromkeys(people)), tuple(rest)
