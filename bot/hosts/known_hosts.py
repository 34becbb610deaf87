"""The bot's own known_hosts file: read leniently, judged strictly, written atomically."""

import base64
import binascii
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import paramiko

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts import certificates

SSH_PORT = 22
WRITABLE_BY_OTHERS = 0o022


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line: `names` as written (perhaps hashed or patterns), `marker` such as `@revoked`."""

    names: tuple[str, ...]
    type: str
    blob: bytes
    marker: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one host. `types` are key types, in the file's order."""

    accepted: tuple[Entry, ...]
    revoked: tuple[Entry, ...]
    authorities: tuple[Entry, ...] = ()
    """Whose certificates are accepted."""

    @property
    def types(self) -> tuple[str, ...]:
        """The types to ask for: certificates first, of whatever type, where an authority is known."""
        vouched = certificates.ALL if self.authorities else ()
        return tuple(dict.fromkeys((*vouched, *(entry.type for entry in self.accepted))))

    @property
    def is_stranger(self) -> bool:
        """Whether nothing at all is known of it."""
        return not (self.accepted or self.revoked or self.authorities)


def name_of(spec: HostSpec) -> str:
    """Return the name under which OpenSSH files a host: bare on port 22, else `[address]:port`."""
    if spec.key_alias:
        return spec.key_alias
    address = spec.address or spec.name
    return address if spec.port == SSH_PORT else f"[{address}]:{spec.port}"


def fingerprint(blob: bytes) -> str:
    """Return it as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse(text: str) -> list[Entry]:
    """Read the lines that can be read; one that cannot does not spoil the others."""
    entries = []
    for line in text.splitlines():
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#"):
            continue
        try:
            blob = base64.b64decode(words[2], validate=True)
        except binascii.Error:
            continue
        entries.append(Entry(names=tuple(words[0].split(",")), type=words[1], blob=blob, marker=marker))
    return entries


def known(spec: HostSpec) -> Known:
    """Return what the host's files say of it.

    Raises HostFailure where the file is missing, cannot be read or could have been written by somebody else.
    """
    if not spec.known_hosts:
        raise HostFailure(ProbeOutcome.HOST_KEY_UNKNOWN, f"no known_hosts file: hangbot trust {spec.name}")
    found = [*_entries(Path(spec.known_hosts)), *_entries_elsewhere(spec)]
    name = name_of(spec)
    bare = {name, spec.key_alias or spec.address or spec.name}
    ours = [entry for entry in found if _matches(entry, name)]
    # ssh(1) looks for an authority of the name without its port too
    above = [entry for entry in found if any(_matches(entry, one) for one in bare)]
    return Known(
        accepted=tuple(entry for entry in ours if not entry.marker),
        revoked=tuple(entry for entry in above if entry.marker == "@revoked"),
        authorities=tuple(entry for entry in above if entry.marker == "@cert-authority"),
    )


def _entries(path: Path) -> list[Entry]:
    try:
        mode = path.stat().st_mode
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HostFailure(ProbeOutcome.ERROR, f"cannot read {path}: {error.strerror}") from None
    if mode & WRITABLE_BY_OTHERS:
        raise HostFailure(ProbeOutcome.ERROR, f"{path} can be written by others: chmod 600 {path}")
    return parse(text)


def _entries_elsewhere(spec: HostSpec) -> Iterator[Entry]:
    """Yield what stands in files that people keep for ssh(1); one that cannot be used is left out."""
    for name in spec.also_known:
        with suppress(HostFailure):
            yield from _entries(Path(name))


def judge(spec: HostSpec, known_of_host: Known, blob: bytes) -> None:
    """Return when the key is a known one, or vouched for; raise HostFailure otherwise. Nothing is ever added here."""
    key, authority = certificates.plain(blob), certificates.authority(blob)
    revoked = {entry.blob for entry in known_of_host.revoked}
    if key in revoked or authority in revoked:
        which = key if key in revoked else authority
        raise HostFailure(ProbeOutcome.HOST_KEY_CHANGED, f"its key {fingerprint(which)} is marked as revoked")
    if any(entry.blob == key for entry in known_of_host.accepted):
        return
    if any(entry.blob == authority for entry in known_of_host.authorities):
        why = certificates.why_not(blob, name=spec.key_alias or spec.address or spec.name)
        if not why:
            return
        raise HostFailure(ProbeOutcome.HOST_KEY_UNKNOWN, f"its certificate {why}")
    if known_of_host.accepted:
        raise HostFailure(
            ProbeOutcome.HOST_KEY_CHANGED, f"shows another key than the known one: {fingerprint(key)}"
        )
    raise HostFailure(
        ProbeOutcome.HOST_KEY_UNKNOWN,
        f"its key {fingerprint(key)} is not known yet: hangbot trust {spec.name}",
    )


def append(path: Path, lines: Iterable[str]) -> None:
    """Add lines, atomically: a reader sees all of them or none. The file is 0600 afterwards."""
    before = path.read_text(errors="surrogateescape") if path.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", errors="surrogateescape") as file:
            file.write(before + "".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _matches(entry: Entry, name: str) -> bool:
    """Match as sshd(8) says, names in any case: `!pattern` excludes, `*` and `?` stand for characters, `|1|…` is a hashed name."""
    hit, name = False, name.lower()
    for pattern in (pattern if pattern.startswith("|1|") else pattern.lower() for pattern in entry.names):
        if pattern.startswith("|1|"):
            hit = hit or _hashed(name, pattern)
        elif pattern.startswith("!"):
            if fnmatchcase(name, _literal_brackets(pattern[1:])):
                return False
        else:
            hit = hit or fnmatchcase(name, _literal_brackets(pattern))
    return hit


def _hashed(name: str, pattern: str) -> bool:
    try:
        return bool(paramiko.HostKeys.hash_host(name, pattern) == pattern)
    except (binascii.Error, AssertionError, ValueError, IndexError):
        return False


def _literal_brackets(pattern: str) -> str:
    return pattern.replace("[", "[[]")
