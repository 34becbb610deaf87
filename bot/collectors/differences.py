"""What changed about a service's files, and what is other on another host: out of the rows of two scripts of their own."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from posixpath import basename

from bot.domain.changes import Changes
from bot.domain.differences import Altered, Beside, FileBefore, KeyDifference, Listing, Since, told
from bot.domain.redaction import prose

Sections = dict[str, str]
CODE = re.compile(r"\.(?:js|mjs|ts|rb|php|jar|war|so|go|pl|lua|sql|lock|xml|sh|pem|crt|key|db)$")
SETTINGS = re.compile(r"settings\w*\.py$|config\w*\.py$|conf\.py$")
BESIDE = frozenset(one.value for one in Beside)
VERIFIED = re.compile(r"^(\S+) (missing  |[.?][.?]5\S*)\s+(?:[a-z] )?(/.*)$")


def since(sections: Sections, found: Changes | None, *, at: datetime) -> Since | None:
    """Return what changed, None where the answer does not say. `found` is what else is read there, `at` the bot's time of the look."""
    head = next((key.split() for key in sections if key.startswith("changes ")), None)
    if found is None or head is None:
        return None
    now = int(head[1])
    return Since(
        changes=found,
        seconds=int(head[2]),
        running=_running(sections),
        files=tuple(_files(sections, now=now, at=at)),
        gone=tuple(row.partition(" ")[2] for row in sections.get("gone", "").splitlines() if " /" in row),
        altered=tuple(_altered(sections)),
        cut_short="end" not in sections,
    )


def _running(sections: Sections) -> bool:
    return sections.get("runs", "").splitlines()[:1] not in ([], ["no"])


def _files(sections: Sections, *, now: int, at: datetime) -> Iterator[FileBefore]:
    """Read sections `keys PATH`: a row `BESIDE TIME NAME`, then `~|+|- KEY VALUE [VALUE]` parted by tabs."""
    for key, text in sections.items():
        word, _, path = key.partition(" ")
        head, *rows = text.splitlines() or [""]
        parts = head.split(" ", 2)
        if word != "keys" or not path or parts[0] not in BESIDE or len(parts) < 2 or not parts[1].isdecimal():
            continue
        yield FileBefore(
            path=path,
            beside=Beside(parts[0]),
            name=parts[2] if len(parts) > 2 else "",
            at=at - timedelta(seconds=max(0, now - int(parts[1]))),
            keys=tuple(_changed(rows)),
        )


def _changed(rows: list[str]) -> Iterator[KeyDifference]:
    for row in rows:
        sign, *rest = row.split("\t")
        if sign == "~" and len(rest) == 3:
            before, after = told(rest[1]), told(rest[2])
            if rest[1] == rest[2] and rest[1].startswith("="):
                continue  # a comment behind it, or quotes around it
        elif sign == "+" and len(rest) == 2:
            before, after = None, told(rest[1])
        elif sign == "-" and len(rest) == 2:
            before, after = told(rest[1]), None
        else:
            continue
        yield KeyDifference(key=prose(rest[0]), before=before, after=after)


def _altered(sections: Sections) -> Iterator[Altered]:
    """Read what dpkg -V says, the package in front: `PACKAGE ??5?????? c PATH`; the third sign is the content's sum (dpkg(1))."""
    for row in sections.get("altered", "").splitlines():
        if found := VERIFIED.match(row):
            yield Altered(path=found[3], package=found[1], missing=found[2].startswith("missing"))


# --- beside another host


def listing(sections: Sections, *, home: str) -> Listing | None:
    """Return what a host has of a service in its folder `home` and elsewhere, None where the answer does not say."""
    if "listing" not in sections:
        return None
    installed: dict[str, dict[str, str]] = {"pip": {}, "system": {}}
    for row in sections.get("installed", "").splitlines():
        word, _, rest = row.partition(" ")
        name, _, version = rest.rpartition("-") if word == "pip" else rest.partition(" ")
        if word in installed and name:
            installed[word][name] = version
    runs = sections.get("runs", "").splitlines()
    return Listing(
        home=home,
        running=_running(sections),
        files={
            words[2]: words[1]
            for row in sections["listing"].splitlines()
            if len(words := row.split(" ", 2)) == 3
        },
        python_packages=installed["pip"],
        system_packages=installed["system"],
        deploy=_deploy(sections),
        interpreter=runs[1] if len(runs) > 1 else "",
    )


def _deploy(sections: Sections) -> str:
    """Return where a service's `current` release points, or which commit is checked out."""
    for row in sections.get("deploy", "").splitlines():
        words = row.split(" ")
        if words[0] == "link" and len(words) == 4:
            return basename(words[3])
        if words[0] == "git" and len(words) > 3:
            return words[3][:12] if words[3] != "?" else words[1]
    return ""


def has_keys(name: str) -> bool:
    """Return whether a file may hold settings, rather than code."""
    return not CODE.search(name) and (not name.endswith(".py") or SETTINGS.search(name) is not None)


def keys(sections: Sections) -> Mapping[str, Mapping[str, str]]:
    """Return the settings of files by name: `KEY` and `=TEXT` or `#SUM`, parted by a tab."""
    return {
        key.partition(" ")[2]: {
            prose(name): value
            for row in text.splitlines()
            for name, tab, value in [row.partition("\t")]
            if tab and value[:1] in ("=", "#")
        }
        for key, text in sections.items()
        if key.startswith("keys ")
    }
