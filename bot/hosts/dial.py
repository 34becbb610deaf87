"""From a host's spec to a connection that is logged in, or the reason why not. One deadline for all of it."""

import random
import socket
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import paramiko
from paramiko.ssh_exception import (
    AuthenticationException,
    BadAuthenticationType,
    IncompatiblePeer,
    PasswordRequiredException,
    SSHException,
)

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts import known_hosts
from bot.hosts.wire import GuardedSocket, TooLate, TooMuch, Transport

READABLE_BY_OTHERS = 0o077
BUSY_TRIES = 3
RSA = ("rsa-sha2-512", "rsa-sha2-256")


class HostBusy(HostFailure):
    """The host turned us away because of its own limits (MaxStartups, MaxSessions); it is up."""

    def __init__(self, why: str) -> None:
        super().__init__(ProbeOutcome.ERROR, f"busy: {why}")


def connect(spec: HostSpec, *, deadline: float, park: bool = False) -> Transport:
    """Return a logged-in connection to a host whose key is known, before `deadline` (of time.monotonic); `park`: one
    whose thread ends, where that can be.

    Raises HostFailure. Asks again, after a moment, where the host is busy.
    """
    key = load_key(spec)
    known = known_hosts.known(spec)
    if not known.accepted and not known.revoked:
        # Its fingerprint is worth telling, but nobody unknown is shown who we are.
        blob, _ = shown_key(spec, (), deadline=deadline)
        known_hosts.judge(spec, known, blob)
    for attempt in range(1, BUSY_TRIES + 1):
        try:
            return _login(spec, key, known, deadline, park=park)
        except HostBusy:
            if attempt == BUSY_TRIES or not pause(attempt, deadline):
                raise
    raise AssertionError("unreachable")


def pause(attempt: int, deadline: float) -> bool:
    """Wait a moment before a busy host is asked again, longer each time; False at once where no time is left."""
    seconds = random.uniform(0.1, 0.5) * attempt  # noqa: S311 — spreads load, hides nothing
    if time.monotonic() + seconds >= deadline:
        return False
    time.sleep(seconds)
    return True


def shown_key(spec: HostSpec, kind: Sequence[str], *, deadline: float) -> tuple[bytes, str]:
    """Return the key (blob, type) that the host shows when asked for one of `kind` (empty: any).

    Raises HostFailure, or IncompatiblePeer where it has none of that kind.
    """
    transport = _open(spec, deadline)
    try:
        if kind:
            transport.get_security_options().key_types = tuple(kind)
        _negotiate(transport, deadline)
        key = transport.get_remote_server_key()
        return key.asbytes(), key.get_name()
    except IncompatiblePeer:
        raise
    except (SSHException, OSError, EOFError) as error:
        raise _explained(error) from error
    finally:
        transport.finish()


def load_key(spec: HostSpec) -> paramiko.PKey:
    """Load the private key; refuse one that others can read, as ssh(1) does."""
    if not spec.key_file:
        raise HostFailure(ProbeOutcome.AUTH_FAILED, "no key_file in the config")
    path = Path(spec.key_file)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & READABLE_BY_OTHERS:
            raise HostFailure(
                ProbeOutcome.AUTH_FAILED,
                f"key_file {path} is open to others (mode {mode:04o}): chmod 600 {path}",
            )
        return paramiko.PKey.from_path(path)
    except FileNotFoundError:
        raise HostFailure(ProbeOutcome.AUTH_FAILED, f"key_file {path} does not exist") from None
    except OSError as error:
        raise HostFailure(
            ProbeOutcome.AUTH_FAILED, f"cannot read key_file {path}: {error.strerror}"
        ) from None
    except (PasswordRequiredException, TypeError):
        raise HostFailure(ProbeOutcome.AUTH_FAILED, f"key_file {path} has a passphrase") from None
    except (SSHException, ValueError):
        raise HostFailure(ProbeOutcome.AUTH_FAILED, f"key_file {path} is no private key") from None


def _login(
    spec: HostSpec, key: paramiko.PKey, known: known_hosts.Known, deadline: float, *, park: bool
) -> Transport:
    transport = _open(spec, deadline, park=park)
    try:
        _prefer(transport, known.types)
        _negotiate(transport, deadline)
        known_hosts.judge(spec, known, transport.get_remote_server_key().asbytes())
        transport.auth_timeout = max(0.1, deadline - time.monotonic())
        left = transport.auth_publickey(spec.user, key)
        transport.guard.logged_in()
    except IncompatiblePeer as error:
        transport.finish()
        raise HostFailure(ProbeOutcome.ERROR, f"no algorithm in common: {_short(error)}") from error
    except (SSHException, OSError, EOFError) as error:
        transport.finish()
        raise _explained(error, user=spec.user) from error
    except BaseException:
        transport.finish()
        raise
    if left:
        transport.finish()
        raise HostFailure(ProbeOutcome.AUTH_FAILED, f"wants more than a key: {', '.join(left)}")
    return transport


def _open(spec: HostSpec, deadline: float, *, park: bool = False) -> Transport:
    sock = _reach(spec, deadline)
    try:
        return Transport(sock, seconds=max(0.1, deadline - time.monotonic()), park=park)
    except BaseException:
        sock.close()
        raise


def _reach(spec: HostSpec, deadline: float) -> GuardedSocket:
    """Connect to the first address that answers."""
    last: OSError | None = None
    for family, kind, protocol, _, address in _resolve(spec.address or spec.name, spec.port, deadline):
        sock = GuardedSocket(family, kind, protocol)
        try:
            sock.settimeout(max(0.05, deadline - time.monotonic()))
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
            if time.monotonic() >= deadline:
                break
        else:
            sock.connected(deadline)
            return sock
    raise _explained(last or TimeoutError())


def _resolve(
    address: str, port: int, deadline: float
) -> Sequence[tuple[int, int, int, str, tuple[str, int]]]:
    """Look the name up without waiting longer than the deadline: a resolver has no timeout of its own."""
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(socket.getaddrinfo(address, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    try:
        return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)  # type: ignore[return-value]
    except (OSError, UnicodeError):
        pass
    asking = threading.Thread(target=ask, name=f"resolve {address}", daemon=True)
    asking.start()
    asking.join(max(0.05, deadline - time.monotonic()))
    if not found:
        raise HostFailure(ProbeOutcome.TIMEOUT, f"the name {address} was not resolved in time")
    if isinstance(found[0], Exception):
        raise HostFailure(ProbeOutcome.UNREACHABLE, f"the name {address} is not known")
    return found[0]  # type: ignore[return-value]


def _prefer(transport: Transport, types: Sequence[str]) -> None:
    """Ask for a key of a known type first: a host with several must not look as if it had changed."""
    wanted = [name for kind in types for name in (RSA if kind == "ssh-rsa" else (kind,))]
    options = transport.get_security_options()
    known = [name for name in wanted if name in options.key_types]
    options.key_types = (*known, *(name for name in options.key_types if name not in known))


def _negotiate(transport: Transport, deadline: float) -> None:
    """Exchange versions and keys. Raises what broke it."""
    done = threading.Event()
    transport.start_client(event=done)
    # The guarded socket ends the thread at the deadline; a second more is for a machine that is busy.
    done.wait(max(0.1, deadline + 1.0 - time.monotonic()))
    if transport.is_active() and done.is_set():
        return
    error = transport.get_exception()
    if transport.guard.speaks_otherwise and time.monotonic() < deadline:
        raise SSHException("no banner in what it says") from error
    if error is not None and not isinstance(error, SSHException | OSError | EOFError):
        raise SSHException(f"what it sends makes no sense ({type(error).__name__})") from error
    raise error or (TooLate("the deadline passed") if time.monotonic() >= deadline else EOFError())


def _explained(error: BaseException, *, user: str = "") -> HostFailure:
    """Turn what a library raised into an outcome and a short reason."""
    text = _short(error)
    if isinstance(error, BadAuthenticationType):
        return HostFailure(
            ProbeOutcome.AUTH_FAILED, f"takes no key from {user}, only {', '.join(error.allowed_types)}"
        )
    if isinstance(error, AuthenticationException):
        if "timeout" in text.lower():
            return HostFailure(ProbeOutcome.TIMEOUT, "the login was not answered in time")
        if "shut down" in text or "EOF" in text:
            return HostFailure(ProbeOutcome.ERROR, "closed the connection during the login")
        return HostFailure(ProbeOutcome.AUTH_FAILED, f"refuses the key of {user}")
    if isinstance(error, TooLate | TimeoutError) or "deadline passed" in text:
        return HostFailure(ProbeOutcome.TIMEOUT, "no SSH answer in time")
    if isinstance(error, TooMuch):
        return HostFailure(ProbeOutcome.ERROR, f"is no sane SSH server: {text}")
    if isinstance(error, ConnectionRefusedError):
        return HostFailure(ProbeOutcome.UNREACHABLE, "connection refused")
    if isinstance(error, ConnectionResetError | BrokenPipeError | EOFError):
        return HostBusy("closed the connection before the login")
    if isinstance(error, OSError):
        return HostFailure(ProbeOutcome.UNREACHABLE, (error.strerror or text or "no route").lower())
    return _explained_banner(text)


def _explained_banner(text: str) -> HostFailure:
    """SSHException tells in its text alone what happened."""
    if "MaxStartups" in text or "Not allowed at this time" in text:
        return HostBusy("too many logins at once (MaxStartups)")
    if "Error reading SSH protocol banner" in text:
        if "timed out" in text:
            return HostFailure(ProbeOutcome.TIMEOUT, "no SSH banner in time")
        if "announces" in text or "floods" in text or "codec" in text:
            return HostFailure(ProbeOutcome.ERROR, "is no SSH server: its banner makes no sense")
        return HostBusy("closed the connection before its banner")
    if "banner" in text.lower() or "protocol version" in text:
        return HostFailure(ProbeOutcome.ERROR, "is no SSH server: its banner makes no sense")
    return HostFailure(ProbeOutcome.ERROR, f"SSH failed: {text}")


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:119] + "…"
