"""Who did what, when, to what; and the chain that shows when somebody changed it afterwards."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.clues import Fact

WORDS = re.compile(r"[\w.@-]+")
GENESIS = "0" * 64
"""What the first entry follows."""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """`actor` and `on_behalf_of` are ids; the latter is set where one person acts as another (`say --as`)."""

    id: str
    at: datetime
    actor: str
    verb: str
    target: str = ""
    outcome: str = ""
    on_behalf_of: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A stored entry as the chain sees it: numbers count from 1 without gaps, `body` is the entry as it was written."""

    number: int
    id: str
    at: float
    body: str
    previous: str
    hash: str


class Flaw(StrEnum):
    EDITED = "edited"  # its own hash is not that of its content (or it was written under another key)
    MISSING = "missing"  # numbers are left out before it
    MOVED = "moved"  # its content is its own, but it does not follow the entry before it


@dataclass(frozen=True, kw_only=True)
class Intact:
    """`head` is the last entry's hash; the first `unkeyed` entries were written without the key."""

    entries: int
    head: str
    unkeyed: int = 0


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The first entry that is not as it was written; what is before it is."""

    number: int
    id: str
    flaw: Flaw


def concerns(entry: AuditEntry, host: str) -> bool:
    """Return whether an entry names a host: as a word of its target, or as one of its facts."""
    return host in WORDS.findall(entry.target) or host in entry.facts.values()


def seal(previous: str, *, entry: str, at: float, body: str, key: bytes | None) -> str:
    """Return the hash of the entry of that id: HMAC-SHA256 where there is a key, else SHA-256, of all that is stored."""
    content = json.dumps([previous, entry, at, body]).encode()
    if key:
        return hmac.new(key, content, hashlib.sha256).hexdigest()
    return hashlib.sha256(content).hexdigest()


def verify(links: Iterable[Link], *, key: bytes | None) -> Intact | Broken:
    """Follow the chain from its first entry, in the order of the numbers.

    Without a key whoever can write to the database can write a whole new chain: only a key outside of it shows that. A
    key may come later: entries before its first use are sealed by the first one after it, and never follow a keyed one.
    A tail that was cut off leaves a chain that is intact, only shorter: it is found by whoever noted the head (its hash
    and its number) somewhere else.
    """
    head, count, unkeyed = GENESIS, 0, 0
    for link in links:
        if link.number != count + 1:
            return Broken(number=link.number, id=link.id, flaw=Flaw.MISSING)
        if not hmac.compare_digest(_own(link, key), link.hash):
            if unkeyed < count or not hmac.compare_digest(_own(link, None), link.hash):
                return Broken(number=link.number, id=link.id, flaw=Flaw.EDITED)
            unkeyed += 1
        if link.previous != head:
            return Broken(number=link.number, id=link.id, flaw=Flaw.MOVED)
        head, count = link.hash, link.number
    return Intact(entries=count, head=head, unkeyed=unkeyed if key else count)


def _own(link: Link, key: bytes | None) -> str:
    return seal(link.previous, entry=link.id, at=link.at, body=link.body, key=key)
