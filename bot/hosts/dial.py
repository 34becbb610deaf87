"""From a host's spec to a connection that is logged in, or the reason why not. One deadline for all of it."""

import random
import threading
import time
from collections.abc import Sequence
from contextlib import closing

from paramiko.ssh_exception import (
    AuthenticationException,
    BadAuthenticationType,
    IncompatiblePeer,
    SSHException,
)

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts import certificates, known_hosts
from bot.hosts.identities import Identity, Offer
from bot.hosts.patience import HostBusy
from bot.hosts.ways import STRAIGHT, Ways
from bot.hosts.wire import TooLate, TooMuch, Transport

BUSY_TRIES = 3
RSA = ("rsa-sha2-512", "rsa-sha2-256")


def connect(spec: HostSpec, *, deadline: float, park: bool = False, ways: Ways = STRAIGHT) -> Transport:
    """Return a logged-in connection to a host whose key is known, before `deadline` (of time.monotonic); `park`: one
    whose thread ends, where that can be.

    Raises HostFailure. Asks again, after a moment, where the host is busy.
    """
    with closing(Offer(spec, passphrase=ways.passphrase, opened=ways.opened)) as offer:
        identities = offer.required()
        known = known_hosts.known(spec)
        if known.is_stranger:
            # Its fingerprint is worth telling, but nobody unknown is shown who we are.
            blob, _ = shown_key(spec, (), deadline=deadline, ways=ways)
            known_hosts.judge(spec, known, blob)
        for attempt in range(1, BUSY_TRIES + 1):
            try:
                return _login(spec, identities, known, deadline, park=park, ways=ways)
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


def shown_key(
    spec: HostSpec, kind: Sequence[str], *, deadline: float, ways: Ways = STRAIGHT
) -> tuple[bytes, str]:
    """Return the key (blob, type) that the host shows when asked for one of `kind` (empty: any).

    Raises HostFailure, or IncompatiblePeer where it has none of that kind.
    """
    transport = _open(spec, deadline, ways=ways)
    try:
        if kind:
            transport.get_security_options().key_types = tuple(kind)
        _negotiate(transport, deadline)
        return transport.shown, transport.get_remote_server_key().get_name()
    except IncompatiblePeer:
        raise
    except (SSHException, OSError, EOFError) as error:
        raise _explained(error) from error
    finally:
        transport.finish()


def _login(
    spec: HostSpec,
    identities: Sequence[Identity],
    known: known_hosts.Known,
    deadline: float,
    *,
    park: bool,
    ways: Ways,
) -> Transport:
    transport = _open(spec, deadline, park=park, ways=ways)
    try:
        _prefer(transport, known.types)
        _negotiate(transport, deadline)
        known_hosts.judge(spec, known, transport.shown)
        left = _authenticate(transport, spec, identities, deadline)
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


def _authenticate(
    transport: Transport, spec: HostSpec, identities: Sequence[Identity], deadline: float
) -> Sequence[str]:
    """Offer one key after the other until one is taken; return what else is wanted. Raises what the last one met."""
    refused: list[Identity] = []
    for identity in identities:
        transport.auth_timeout = max(0.1, deadline - time.monotonic())
        try:
            return transport.auth_publickey(spec.user, identity.key)
        except BadAuthenticationType:
            raise
        except AuthenticationException as error:
            if _is_refusal(error):
                refused.append(identity)
            elif refused and not _is_late(error):
                break  # the server hangs up after so many
            else:
                raise
    raise HostFailure(ProbeOutcome.AUTH_FAILED, _refusal(spec.user, refused))


def _is_refusal(error: AuthenticationException) -> bool:
    text = _short(error)
    return not (_is_late(error) or "shut down" in text or "EOF" in text)


def _is_late(error: AuthenticationException) -> bool:
    return "timeout" in _short(error).lower()


def _refusal(user: str, refused: Sequence[Identity]) -> str:
    """Say which keys were refused, where there was more than the one of the config."""
    notes = "; ".join(dict.fromkeys(one.note for one in refused if one.note))
    several = f"all keys of {user} ({', '.join(one.name for one in refused)})"
    text = f"refuses {several if len(refused) > 1 else f'the key of {user}'}"
    return f"{text}; {notes}" if notes else text


def _open(spec: HostSpec, deadline: float, *, ways: Ways, park: bool = False) -> Transport:
    try:
        sock = ways.to(spec, deadline)
    except OSError as error:
        raise _explained(error) from error
    try:
        return Transport(sock, seconds=max(0.1, deadline - time.monotonic()), park=park)
    except BaseException:
        sock.close()
        raise


def _prefer(transport: Transport, types: Sequence[str]) -> None:
    """Ask for a key of a known type first: a host with several must not look as if it had changed."""
    transport.accept_certificates(kind for kind in types if kind in certificates.ALL)
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
