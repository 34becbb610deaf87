"""What changed on the host of late, out of the script's rows; the host's own clock says how long ago."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from posixpath import basename, dirname

from bot.domain.changes import Change, ChangeKind, Changes, gathered

Sections = dict[str, str]
When = Callable[[float], datetime]
SKEW_S = 5
MANY_MOVED = 8
SHORT = 12
CODE = re.compile(r"\.(?:py|js|mjs|ts|rb|php|jar|war|so|go|pl|lua|sql)$")
SETTINGS_IN_CODE = re.compile(r"(?:^|_)(?:settings?|config|conf)(?:_\w+)?\.(?:py|js|ts|rb|php)$|\.conf\.py$")
DATA = re.compile(r"\.(?:json|xml)$")
ABOUT_SETTINGS = re.compile(r"conf|sett|option|feature|flag|package|manifest|policy|logging", re.IGNORECASE)
SETTING_FOLDERS = ("conf", "config", "etc", "settings", "conf.d")


@dataclass(frozen=True, kw_only=True)
class Places:
    """Whose the paths are, by the script's word for them; `home` is the folder of the application."""

    home: str
    paths: Mapping[str, tuple[str, ...]]

    def kind(self, path: str) -> ChangeKind | None:
        """Return what a file is; None for data that a program may well write itself."""
        if path in self.paths.get("unit", ()):
            return ChangeKind.UNIT
        name = basename(path)
        if path.startswith("/etc/") or path in self.paths.get("env", ()):
            return ChangeKind.CONFIG
        if CODE.search(name) and not SETTINGS_IN_CODE.search(name):
            return ChangeKind.CODE
        if DATA.search(name) and path not in self.paths.get("named", ()):
            about = ABOUT_SETTINGS.search(name) or basename(dirname(path)) in SETTING_FOLDERS
            return ChangeKind.CONFIG if about else None
        return ChangeKind.CONFIG


def places(sections: Sections) -> Places:
    found: dict[str, list[str]] = {}
    for row in sections.get("places", "").splitlines():
        word, _, path = row.partition(" ")
        if path:
            found.setdefault(word, []).append(path)
    paths = {word: tuple(several) for word, several in found.items() if word != "home"}
    return Places(home="".join(found.get("home", [])[:1]), paths=paths)


def changes(sections: Sections, *, at: datetime) -> Changes | None:
    """Return what changed, None where nobody looked. `at` is the bot's time of the look."""
    head = next((key.split() for key in sections if key.startswith("changes ")), None)
    if head is None or len(head) != 3 or not (head[1].isdecimal() and head[2].isdecimal()):
        return None
    now, whose = int(head[1]), places(sections)
    after = now - int(head[2])

    def when(stamp: float) -> datetime:
        return at - timedelta(seconds=max(0.0, now - stamp))

    found = [
        *_files(sections, whose, after=after, now=now, when=when),
        *_pip(sections, after=after, now=now, when=when),
        *_logged(sections, after=after, when=when),
        *_deploys(sections, after=after, when=when),
    ]
    facts = dict(row.split("=", 1) for row in sections.get("unitfacts", "").splitlines() if "=" in row)
    restarts = facts.get("NRestarts", "")
    return Changes(
        found=gathered(found, home=whose.home),
        restarts=int(restarts) if restarts.isdecimal() else None,
        not_reloaded=facts.get("NeedDaemonReload") == "yes",
        active_since=_active(sections, facts, at=at),
    )


def _active(sections: Sections, facts: Mapping[str, str], *, at: datetime) -> datetime | None:
    """Return when its unit became active: microseconds since the machine's start, the end of which /proc/uptime tells."""
    since = facts.get("ActiveEnterTimestampMonotonic", "")
    uptime = re.search(r"^([0-9.]+) [0-9.]+$", sections.get("unitfacts", ""), re.MULTILINE)
    if not since.isdecimal() or int(since) == 0 or uptime is None:
        return None
    return at - timedelta(seconds=max(0.0, float(uptime[1]) - int(since) / 1e6))


# --- files


def _files(sections: Sections, whose: Places, *, after: int, now: int, when: When) -> Iterator[Change]:
    owners = dict(_owners(sections))
    rows = [row for row in _stamped(sections.get("files", "")) if row[0] >= after or row[1] >= after]
    moved = sum(1 for row in rows if not after <= row[0] <= now + SKEW_S)
    for modified, placed, path in rows:
        kind = whose.kind(path)
        edited = after <= modified <= now + SKEW_S  # what is copied or unpacked may keep an older time
        whole_system = not edited and moved > MANY_MOVED and not path.startswith(f"{whose.home}/")
        if kind is None or whole_system:
            continue
        at = when(modified if edited else placed)
        yield Change(kind=kind, name=path, at=at, owner=owners.get(path, ""))


def _stamped(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield time of content, time of place and path of rows `MTIME CTIME SIZE PATH`."""
    for row in text.splitlines():
        parts = row.split(" ", 3)
        if len(parts) == 4 and parts[0].isdecimal() and parts[1].isdecimal():
            yield int(parts[0]), int(parts[1]), parts[3]


def _owners(sections: Sections) -> Iterator[tuple[str, str]]:
    """Yield path and package of dpkg-query's rows `PACKAGE[:ARCH][, PACKAGE…]: PATH`."""
    for row in sections.get("owners", "").splitlines():
        packages, colon, path = row.partition(": ")
        if colon:
            yield path, packages.split(",")[0].partition(":")[0]


# --- packages


def _pip(sections: Sections, *, after: int, now: int, when: When) -> Iterator[Change]:
    """Read rows `pip MTIME CTIME NAME-VERSION`: the folder that tells of an installed package is as old as its installation."""
    for row in sections.get("packages", "").splitlines():
        words = row.split(" ")
        if words[0] != "pip" or len(words) != 4 or not (words[1].isdecimal() and words[2].isdecimal()):
            continue
        name, _, version = words[3].rpartition("-")
        stamp = int(words[1]) if after <= int(words[1]) <= now + SKEW_S else int(words[2])
        yield Change(kind=ChangeKind.PACKAGE, name=name, at=when(stamp), after=version)


def _logged(sections: Sections, *, after: int, when: When) -> Iterator[Change]:
    """Read what the logs of dpkg and dnf say, and when apk last wrote its database."""
    used = set(sections["used"].split()) if "used" in sections else None
    for row in sections.get("packages", "").splitlines():
        words = row.split()
        if words[:1] == ["apk"] and words[-1].isdecimal() and int(words[-1]) >= after:
            yield Change(kind=ChangeKind.PACKAGE, name="apk", at=when(int(words[-1])))
        if words[:1] not in (["dpkg"], ["rpm"]) or len(words) < 4 or (stamp := _moment(words[1])) is None:
            continue
        if stamp < after:
            continue
        if words[0] == "dpkg" and len(words) == 6:
            before, newer = ("" if one == "<none>" else one for one in words[4:])
            name = words[3].partition(":")[0]
            gone = words[2] in ("remove", "purge")
            yield Change(
                kind=ChangeKind.PACKAGE,
                name=name,
                at=when(stamp),
                before=before,
                after="" if gone else newer,
                used=used is None or name in used,
            )
        elif words[0] == "rpm" and words[2] != "Upgraded":
            name, *version = words[3].rsplit("-", 2)
            shown, gone = "-".join(version), words[2] in ("Erase", "Removed")
            yield Change(
                kind=ChangeKind.PACKAGE,
                name=name,
                at=when(stamp),
                before=shown if gone else "",
                after="" if gone else shown,
            )


def _moment(text: str) -> float | None:
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None
    return found.timestamp()


# --- deploys


def _deploys(sections: Sections, *, after: int, when: When) -> Iterator[Change]:
    """Read `link MTIME PATH TARGET` of a `current` release, and `git REF OLD NEW TIME VERB FOLDER` of a checkout's last move."""
    for row in sections.get("deploy", "").splitlines():
        words = row.split(" ")
        if words[0] == "link" and len(words) == 4 and words[1].isdecimal() and int(words[1]) >= after:
            yield Change(kind=ChangeKind.DEPLOY, name=words[2], at=when(int(words[1])), after=words[3])
        elif words[0] == "git" and len(words) >= 7 and words[4].isdecimal():
            _, _, old, new, stamp, _, *folder = words
            if int(stamp) >= after and old != new:
                yield Change(
                    kind=ChangeKind.DEPLOY,
                    name=" ".join(folder),
                    at=when(int(stamp)),
                    before="" if set(old) == {"0"} else old[:SHORT],
                    after=new[:SHORT],
                )
