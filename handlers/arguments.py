"""What people type on a phone, made into words: any case, curly quotes, long dashes, pasted links and mentions."""

import re
import unicodedata

from bot.domain.errors import BadArgument

LONGEST = 300
DASHES = re.compile(r"(^|\s)[\u2012-\u2015](?=\w)")
QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'"})
LINK = re.compile(r"<(?:https?://|mailto:)([^|>\s]+)(?:\|([^>]*))?>")
MENTION = re.compile(r"<([@#!])([A-Za-z0-9^]+)(?:\|[^>]*)?>")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
DURATION = re.compile(
    r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)"
)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def words(text: str) -> tuple[str, ...]:
    """Return the words of a typed line. Raises BadArgument where it is longer than any command."""
    if len(text) > LONGEST:
        raise BadArgument("too_long", usage="/hang help", length=str(len(text)), most=str(LONGEST))
    text = LINK.sub(lambda found: found[2] or found[1].rstrip("/"), text)
    text = MENTION.sub(lambda found: f"{'#' if found[1] == '#' else '@'}{found[2]}", text)
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    text = DASHES.sub(r"\1--", text)
    text = unicodedata.normalize("NFKC", text).translate(QUOTES)
    kept = (
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or c in "\t\n" else ""
        for c in text
    )
    return tuple(word for word in (part.strip("\"'") for part in "".join(kept).split()) if word)


def parse(text: str) -> tuple[str, tuple[str, ...]]:
    """Return verb (lower case; empty where nothing was typed) and arguments; a leading `/hang` is no verb."""
    found = words(text)
    if found and found[0].lower() in ("/hang", "hang", "@hangbot"):
        found = found[1:]
    return (found[0].lower(), found[1:]) if found else ("", ())


def duration_s(word: str) -> float | None:
    """Return the seconds of `30m`, `2h`, `1d`, `1h30m`, `45min`, `2hours`; None where it is no duration."""
    lowered = word.lower()
    if not re.fullmatch(rf"(?:{DURATION.pattern})+", lowered):
        return None
    return sum(float(number) * SECONDS[unit[0]] for number, unit in DURATION.findall(lowered))
