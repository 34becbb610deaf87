"""Where the bot listens: `127.0.0.1:9095`, `:9095` for every address of the machine, `[::1]:9095`,
`localhost:9095` for 127.0.0.1, or `off`.
"""

import errno
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from bot.domain.errors import EdgeFault

OFF = "off"
SHAPE = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[0-9.]*|localhost)):(?P<port>[0-9]{1,5})", re.ASCII)
HIGHEST_PORT = 65535
BACKLOG = 128
NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


@dataclass(frozen=True, kw_only=True)
class Address:
    """`host` empty: all of them. `port` 0: any that is free."""

    host: str
    port: int

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(text: str) -> Address | None:
    """Read what `--http` was given; None for `off`. Raises EdgeFault with what to type."""
    if text.strip().lower() == OFF:
        return None
    found = SHAPE.fullmatch(text.strip())
    if found is not None and int(found["port"]) <= HIGHEST_PORT:
        host = (found["six"] or found["four"] or "").replace("localhost", "127.0.0.1")
        if not host or _is_address(host, IPv6Address if found["six"] else IPv4Address):
            return Address(host=host, port=int(found["port"]))
    raise EdgeFault(
        f"--http {text} is no address to listen on. Type 127.0.0.1:9095, :9095 (every address), [::1]:9095, or off."
    )


def listen(address: Address) -> socket.socket:
    """Return a socket that listens there. Raises EdgeFault naming `--http`."""
    try:
        return _every_address(address.port) if not address.host else _one_address(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EdgeFault(
            f"Cannot listen on {address}: {reason}. Choose another with --http, such as --http {_other(address)}, or --http off."
        ) from error


def told(listener: socket.socket) -> str:
    """Return where it listens, as it would be typed."""
    host, port = listener.getsockname()[:2]
    return str(Address(host=host, port=port))


def _one_address(address: Address) -> socket.socket:
    return socket.create_server((address.host, address.port), family=address.family, backlog=BACKLOG)


def _every_address(port: int) -> socket.socket:
    """Listen on IPv6 and IPv4 at once; where the machine has no IPv6, on IPv4."""
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
            )
        except OSError as error:
            if error.errno not in NO_SUCH_FAMILY:
                raise
    return socket.create_server(("", port), backlog=BACKLOG)


def _is_address(text: str, kind: type[IPv4Address | IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _other(address: Address) -> Address:
    port = address.port + 1 if 1024 <= address.port < HIGHEST_PORT else 9095
    return Address(host=address.host, port=port)
