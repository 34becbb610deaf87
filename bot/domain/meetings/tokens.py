"""A typed line made into words: any case, curly quotes, odd spaces, long dashes, marks at the end of a word."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MARKS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys('“”„«»"‘’‚`´', "'") | dict.fromkeys("()[]{};!?*", " ")
)
MERIDIEM = re.compile(r"(?<![a-z])([ap])\.\s?m\b\.?|(?<=\d)([ap])\.m\b\.?", re.IGNORECASE)
COMMA = re.compile(r"(?<!\d),|,(?!\d{1,2}(?!\d))")
"""A comma that is none of a decimal number."""
DATE_DOT = re.compile(r"\d{1,2}\.\d{1,2}\.")
"""01.12. is a date; its last dot says so."""
AT = re.compile(r"([a-z]*)@(\d.*)", re.IGNORECASE)
RANGE = re.compile(
    r"(\d{1,2}[:.]\d\d(?:am|pm)?|\d{1,2}(?:am|pm))-(\d{1,2}(?:[:.]\d\d)?(?:am|pm)?)"
    r"|(\d{1,2})-(\d{1,2}(?:[:.]\d\d)?(?:am|pm)|\d{1,2}:\d\d)",
    re.IGNORECASE,
)
"""10:00-11:00, 10-11am, 10am-11: two times. `10-11` may be a date as well and stays whole."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """`text` is lower case and clean; `typed` is what the person will recognise; `glued`: no space before it."""

    text: str
    typed: str
    glued: bool = False


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a line."""
    text = unicodedata.normalize("NFKC", text).translate(MARKS)
    text = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or not unicodedata.category(c).startswith("C")
    )
    text = COMMA.sub(" ", MERIDIEM.sub(lambda found: f"{found[1] or found[2]}m", text))
    found: list[Token] = []
    for word in text.split():
        clean = word.strip("'") if DATE_DOT.fullmatch(word) else word.strip("'").rstrip(".:'")
        if clean:
            found += _split(clean)
    return tuple(found)


def _split(word: str) -> list[Token]:
    if word == "@":
        return [Token(text="at", typed=word)]
    if at := AT.fullmatch(word):
        head = _split(at[1]) if at[1] else []
        return [*head, Token(text="at", typed="@"), *_split(at[2])]
    if word.startswith("--") and len(word) > len("--"):  # a long dash, as the arguments of a command have it
        return [Token(text="-", typed="-"), *_split(word[2:])]
    if ranged := RANGE.fullmatch(word):
        first, last = ranged[1] or ranged[3], ranged[2] or ranged[4]
        return [
            Token(text=first.lower(), typed=word),
            Token(text="-", typed=word, glued=True),
            Token(text=last.lower(), typed=word, glued=True),
        ]
    return [Token(text="-" if word == "--" else word.lower(), typed=word)]


class Scanner:
    """Words, and how far they are read."""

    def __init__(self, words: Sequence[Token]) -> None:
        self.words = tuple(words)
        self.place = 0

    def __bool__(self) -> bool:
        return self.place < len(self.words)

    def text(self, ahead: int = 0) -> str:
        """Return a word that is not yet read, empty beyond the end."""
        place = self.place + ahead
        return self.words[place].text if 0 <= place < len(self.words) else ""

    def typed(self, count: int = 1) -> str:
        """Return the next words as they were typed."""
        return " ".join(token.typed for token in self.words[self.place : self.place + count])

    def skip(self, count: int = 1) -> None:
        self.place += count

    def take(self, *texts: str) -> bool:
        """Read these words if they come next."""
        if all(self.text(ahead) == text for ahead, text in enumerate(texts)):
            self.skip(len(texts))
            return True
        return False
