"""Host keys, as `hangbot trust` shows and enrols them. Nothing else ever writes a known_hosts file."""

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paramiko.ssh_exception import IncompatiblePeer

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts import dial, known_hosts
from bot.hosts.ways import STRAIGHT, Ways

KINDS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256",),
    ("ecdsa-sha2-nistp384",),
    ("ecdsa-sha2-nistp521",),
    ("rsa-sha2-512", "rsa-sha2-256"),
)


@dataclass(frozen=True, kw_only=True)
class HostKey:
    """A key that a host shows. `line` is its line of a known_hosts file, `fingerprint` as `ssh-keygen -l` has it."""

    type: str
    fingerprint: str
    line: str


def scan(spec: HostSpec, *, timeout_s: float, ways: Ways = STRAIGHT) -> list[HostKey]:
    """Return the keys that a host shows, one of each type, without logging in.

    Nobody has vouched for them: compare the fingerprints before enrolling. Raises HostFailure.
    """
    deadline = time.monotonic() + timeout_s
    found = []
    for kind in KINDS:
        try:
            blob, key_type = dial.shown_key(spec, kind, deadline=deadline, ways=ways)
        except IncompatiblePeer:
            continue
        line = f"{known_hosts.name_of(spec)} {key_type} {base64.b64encode(blob).decode()}"
        found.append(HostKey(type=key_type, fingerprint=known_hosts.fingerprint(blob), line=line))
    if not found:
        raise HostFailure(ProbeOutcome.ERROR, "shows no key of a type that is supported")
    return found


def enrol(spec: HostSpec, keys: Sequence[HostKey]) -> None:
    """Add the keys to the host's known_hosts file; those that stand there already are left alone.

    Raises HostFailure (host_key_changed) where a key of the same type stands there that is another one, and where
    one is marked as revoked: nothing is replaced, a person removes the old line first.
    """
    if not spec.known_hosts:
        raise HostFailure(ProbeOutcome.ERROR, "has no known_hosts file in the config: set ssh.known_hosts")
    path = Path(spec.known_hosts)
    accepted = known_hosts.known(spec).accepted if path.exists() else ()
    revoked = known_hosts.known(spec).revoked if path.exists() else ()
    new = []
    for key in keys:
        blob = base64.b64decode(key.line.split()[2])
        if any(entry.blob == blob for entry in revoked):
            raise HostFailure(
                ProbeOutcome.HOST_KEY_CHANGED, f"the key {key.fingerprint} is marked as revoked in {path}"
            )
        same_type = [entry for entry in accepted if entry.type == key.type]
        if any(entry.blob == blob for entry in same_type):
            continue
        if same_type:
            raise HostFailure(
                ProbeOutcome.HOST_KEY_CHANGED,
                f"shows {key.fingerprint}, but {path} has {known_hosts.fingerprint(same_type[0].blob)}. If the "
                f"change was announced: ssh-keygen -f {path} -R '{known_hosts.name_of(spec)}', then trust it again",
            )
        new.append(key.line)
    if new:
        known_hosts.append(path, new)
    else:
        path.chmod(0o600)
