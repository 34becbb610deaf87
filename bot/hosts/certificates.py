"""Host certificates: whether an authority that is known vouches for the key that a host shows (PROTOCOL.certkeys of OpenSSH)."""

import base64
import time
from fnmatch import fnmatchcase

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

SUFFIX = b"-cert-v01@openssh.com"
KINDS = {
    "ssh-ed25519": ("ssh-ed25519-cert-v01@openssh.com",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256-cert-v01@openssh.com",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384-cert-v01@openssh.com",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521-cert-v01@openssh.com",),
    "ssh-rsa": ("rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"),
}
ALL = tuple(kind for kinds in KINDS.values() for kind in kinds)


def is_one(blob: bytes) -> bool:
    return _type(blob).endswith(SUFFIX)


def plain(blob: bytes) -> bytes:
    """Return the key that a certificate is about; another key as it is."""
    found = _read(blob)
    return (
        blob
        if found is None
        else _blob(found.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    )


def authority(blob: bytes) -> bytes:
    """Return the key of who signed it; nothing where it is no certificate."""
    found = _read(blob)
    if found is None:
        return b""
    return _blob(found.signature_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))


def why_not(blob: bytes, *, name: str, now: float | None = None) -> str:
    """Return why it does not vouch for the host called `name`; nothing where it does. Who signed it is not judged."""
    found = _read(blob)
    if found is None:
        return "cannot be read"
    try:
        found.verify_cert_signature()
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return "is not signed by its authority"
    now = time.time() if now is None else now
    if found.type is not SSHCertificateType.HOST:
        return "is one for people, not for hosts"
    if now >= found.valid_before:
        return f"is valid no more since {time.strftime('%Y-%m-%d', time.gmtime(found.valid_before))}"
    if now < found.valid_after:
        return "is not valid yet"
    if found.critical_options:
        return "has options that nobody here knows"
    names = [one.decode(errors="replace").lower() for one in found.valid_principals]
    if names and not any(fnmatchcase(name.lower(), one.replace("[", "[[]")) for one in names):
        return f"is for {', '.join(names[:3])}, not for {name}"
    return ""


def _type(blob: bytes) -> bytes:
    return blob[4 : 4 + min(int.from_bytes(blob[:4]), 64)]


def _read(blob: bytes) -> SSHCertificate | None:
    try:
        found = load_ssh_public_identity(_type(blob) + b" " + base64.b64encode(blob))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, SSHCertificate) else None


def _blob(line: bytes) -> bytes:
    return base64.b64decode(line.split()[1])
