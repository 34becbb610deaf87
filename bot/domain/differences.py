"""What is other than it was about a service's files and packages, or other than on another host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.changes import Changes

HIDDEN = "•••"
"""Stands for a value that may be a secret, and so was not told."""
MOST_NAMES = 400


class Beside(StrEnum):
    """What is left of a file as it was: the release before, etckeeper's last record of /etc, or a copy that somebody made."""

    RELEASE = "release"
    ETCKEEPER = "etckeeper"
    COPY = "copy"


@dataclass(frozen=True, kw_only=True)
class KeyDifference:
    """One setting: `before` and `after` are its values, HIDDEN where they are not told, None where it was or is not there.

    Beside another host `before` is the value there.
    """

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class FileBefore:
    """The settings in one file beside what it was; none where no setting of it is other."""

    path: str
    beside: Beside
    name: str
    at: datetime
    keys: tuple[KeyDifference, ...]


@dataclass(frozen=True, kw_only=True)
class Altered:
    """A file that is other than its package brought it; `missing`: it is gone."""

    path: str
    package: str
    missing: bool


@dataclass(frozen=True, kw_only=True)
class Since:
    """What changed on one host. `gone`: paths that were there before; `seconds`: how far back was looked."""

    changes: Changes
    seconds: int
    running: bool
    files: tuple[FileBefore, ...] = ()
    gone: tuple[str, ...] = ()
    altered: tuple[Altered, ...] = ()
    cut_short: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.changes.found or self.changes.not_reloaded or self.gone or self.altered) and not any(
            one.keys for one in self.files
        )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What one host has of a service: names of files and packages with what tells two of them apart.

    Files are named by path, those below the service's own folder as `@home/…`, with a sum of the content.
    """

    home: str
    running: bool
    files: Mapping[str, str] = field(default_factory=dict)
    python_packages: Mapping[str, str] = field(default_factory=dict)
    system_packages: Mapping[str, str] = field(default_factory=dict)
    deploy: str = ""
    interpreter: str = ""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """One package, here and on the other host; empty: it is not there."""

    name: str
    here: str
    there: str


@dataclass(frozen=True, kw_only=True)
class Apart:
    """How two listings differ; files and packages by name."""

    differing: tuple[str, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    python_packages: tuple[Versions, ...]
    system_packages: tuple[Versions, ...]

    @property
    def is_nothing(self) -> bool:
        return not (
            self.differing
            or self.only_here
            or self.only_there
            or self.python_packages
            or self.system_packages
        )


def apart(here: Listing, there: Listing) -> Apart:
    """Return how two hosts differ in what they have of a service."""
    return Apart(
        differing=tuple(
            sorted(name for name in here.files if there.files.get(name, here.files[name]) != here.files[name])
        ),
        only_here=tuple(sorted(set(here.files) - set(there.files))),
        only_there=tuple(sorted(set(there.files) - set(here.files))),
        python_packages=_versions(here.python_packages, there.python_packages),
        system_packages=_versions(here.system_packages, there.system_packages),
    )


def _versions(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[Versions, ...]:
    """Return the packages of which the versions differ, those that both have first."""
    found = [
        Versions(name=name, here=here.get(name, ""), there=there.get(name, ""))
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]
    return tuple(sorted(found, key=lambda one: not (one.here and one.there)))


def keys_apart(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[KeyDifference, ...]:
    """Return the settings that differ; a value is `=TEXT`, or `#SUM` where it may not be told, but compared."""
    names = [*here, *(name for name in there if name not in here)]
    return tuple(
        KeyDifference(key=name, before=told(there.get(name)), after=told(here.get(name)))
        for name in names
        if here.get(name) != there.get(name)
    )


def told(value: str | None) -> str | None:
    """Return what a reader is shown of a value out of the script's rows."""
    if value is None:
        return None
    return value[1:] if value.startswith("=") else HIDDEN
