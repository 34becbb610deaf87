"""What is offered at a login: private keys from files, their certificates, and what an ssh-agent holds."""

import base64
import binascii
import socket
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    load_ssh_public_identity,
)
from paramiko.agent import AgentSSH
from paramiko.ssh_exception import PasswordRequiredException, SSHException

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec

READABLE_BY_OTHERS = 0o077
MOST_OFFERED = 6
"""sshd's own MaxAuthTries: it hears no more of them."""
AGENT_WITHIN_S = 3.0
LARGEST_PUBLIC = 32_768
LOCKED = (PasswordRequiredException, TypeError)
UNREADABLE = (SSHException, ValueError, UnsupportedAlgorithm)


Opened = dict[tuple[str, int, int], paramiko.PKey]
"""Keys that had a passphrase, by file, inode and time of change: to open one takes a tenth of a second (bcrypt)."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A key that can log in; `name` is where it comes from, `note` what may be wrong with it."""

    name: str
    key: paramiko.PKey
    note: str = ""


class Offer:
    """The identities of a host, in the order in which they are offered. To be closed: an agent may stand behind it."""

    def __init__(
        self, spec: HostSpec, *, passphrase: str | None = None, opened: "Opened | None" = None
    ) -> None:
        """`passphrase` opens the key files that have one; `opened` keeps those that it has opened."""
        self._spec, self._passphrase, self._opened = spec, passphrase, {} if opened is None else opened
        self._agent: _Agent | None = None
        self._wrong: list[str] = []
        self._elsewhere: list[bytes] = []
        """Public halves of keys that stay locked here, and that an agent may hold."""
        found = [identity for path, wanted in self._paths() for identity in self._file(path, wanted=wanted)]
        self.identities = tuple((*found, *self._held(found))[:MOST_OFFERED])

    def close(self) -> None:
        if self._agent is not None:
            self._agent.close()

    def required(self) -> Sequence[Identity]:
        """Return them; raise HostFailure that says what is wrong where there is none."""
        if not self.identities:
            reason = (
                self._wrong[0] if self._wrong else "no key_file in the config, and no key in an ssh-agent"
            )
            raise HostFailure(ProbeOutcome.AUTH_FAILED, reason)
        return self.identities

    # --- files

    def _paths(self) -> Iterator[tuple[Path, bool]]:
        """Yield them, and whether the config itself names them: others need not exist."""
        if self._spec.key_file:
            yield Path(self._spec.key_file), True
        for name in self._spec.identities:
            if name != self._spec.key_file:
                yield Path(name), False

    def _file(self, path: Path, *, wanted: bool) -> Iterator[Identity]:
        """Load one with its certificate; refuse one that others can read, as ssh(1) does."""
        try:
            key = self._loaded(path)
        except FileNotFoundError:
            if wanted:
                self._wrong.append(f"key_file {path} does not exist")
        except OSError as error:
            self._wrong.append(f"cannot read key_file {path}: {error.strerror}")
        except HostFailure as failure:
            self._wrong.append(failure.reason)
        else:
            if key is not None:
                yield from self._certified(path, key)
                key.public_blob = None
                yield Identity(name=str(path), key=key)

    def _loaded(self, path: Path) -> paramiko.PKey | None:
        """Return the key; None for a public half, whose other half an agent has."""
        mode = stat.S_IMODE(path.stat().st_mode)
        if (public := _public_line(path)) is not None:
            self._elsewhere.append(public)
            self._wrong.append(f"key_file {path} is no private key, and no ssh-agent has its other half")
            return None
        if mode & READABLE_BY_OTHERS:
            raise _refused(f"key_file {path} is open to others (mode {mode:04o}): chmod 600 {path}")
        try:
            return paramiko.PKey.from_path(path)
        except LOCKED:
            return self._unlocked(path)
        except UNREADABLE:
            raise _refused(f"key_file {path} is no private key") from None

    def _unlocked(self, path: Path) -> paramiko.PKey:
        public = _public_line(path.with_name(f"{path.name}.pub"))
        if public is not None:
            self._elsewhere.append(public)
        if not self._passphrase:
            raise _refused(
                f"key_file {path} has a passphrase: give it in $SSH_KEY_PASSPHRASE, or the key to an ssh-agent"
            )
        found = path.stat()
        same = (str(path), found.st_ino, found.st_mtime_ns)
        if same in self._opened:
            return self._opened[same]
        try:
            key = paramiko.PKey.from_path(path, self._passphrase.encode())  # type: ignore[arg-type]  # bytes it wants
        except (*LOCKED, *UNREADABLE):
            raise _refused(f"key_file {path} is not opened by $SSH_KEY_PASSPHRASE") from None
        self._opened[same] = key
        return key

    def _certified(self, path: Path, key: paramiko.PKey) -> Iterator[Identity]:
        """Yield the key once for each certificate that is its own: the one beside it, and those of the config."""
        beside = f"{path}-cert.pub"
        for name in dict.fromkeys((beside, *self._spec.certificates)):
            certificate = _certificate(Path(name))
            if certificate is None or _plain(certificate) != key.asbytes():
                continue
            with suppress(*UNREADABLE):
                certified = copy(key)
                certified.load_certificate(name)
                yield Identity(name=name, key=certified, note=_validity(certificate))

    # --- the agent

    def _held(self, found: Sequence[Identity]) -> Iterator[Identity]:
        """Yield what the agent holds: those of our locked files first, others where all of them may be offered."""
        if not self._spec.agent or (self._spec.identities_only and not self._elsewhere):
            return
        try:
            self._agent = _Agent(self._spec.agent)
            keys = self._agent.get_keys()
        except (OSError, SSHException) as error:
            self._wrong.append(f"the ssh-agent at {self._spec.agent} does not answer: {error}")
            return
        ours = [key for key in keys if key.asbytes() in self._elsewhere]
        others = [] if self._spec.identities_only else [key for key in keys if key not in ours]
        known = {identity.key.asbytes() for identity in found}
        for key in (*ours, *others):
            if key.asbytes() not in known:
                yield Identity(name=f"{key.comment or key.get_name()} of the agent", key=key)


class _Agent(AgentSSH):
    """An agent at a socket of our choice, that does not hold us where it is stuck."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(AGENT_WITHIN_S)
            self._socket.connect(path)
            self._connect(self._socket)  # type: ignore[attr-defined]
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        self._close()  # type: ignore[attr-defined]
        self._socket.close()


def _refused(reason: str) -> HostFailure:
    return HostFailure(ProbeOutcome.AUTH_FAILED, reason)


def _public_line(path: Path) -> bytes | None:
    """Return the blob of a public key file; None where it is not one."""
    try:
        with path.open("rb") as file:
            words = file.read(LARGEST_PUBLIC).split()
        if len(words) < 2 or not words[0].startswith((b"ssh-", b"ecdsa-", b"sk-")):
            return None
        return base64.b64decode(words[1], validate=True)
    except (OSError, binascii.Error):
        return None


def _certificate(path: Path) -> SSHCertificate | None:
    try:
        found = load_ssh_public_identity(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, SSHCertificate) else None


def _plain(certificate: SSHCertificate) -> bytes:
    """Return the public key that a certificate is about, as SSH writes it."""
    line = certificate.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return base64.b64decode(line.split()[1])


def _validity(certificate: SSHCertificate) -> str:
    now = time.time()
    if now >= certificate.valid_before:
        on = time.strftime("%Y-%m-%d", time.gmtime(certificate.valid_before))
        return f"its certificate is valid no more since {on}"
    return "its certificate is not valid yet" if now < certificate.valid_after else ""
