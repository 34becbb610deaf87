"""Whether this machine's own network works: does the gateway, a name server or the chat answer at all?"""

import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

WITHIN_S = 2.0
FRESH_S = 5.0
DNS_PORT, HTTPS_PORT, GATEWAY_PORT = 53, 443, 53
SLACK = "https://slack.com"
LONGEST_LIST = 8
Address = tuple[str, int]


class WayOut:
    """Fulfils ports.Network. An address that refuses is there, too: only silence and no route count as none.

    `chat` is where the chat's API is; `others`: more addresses that are asked, such as that of the dead man's switch.
    """

    def __init__(
        self,
        chat: str = SLACK,
        others: Sequence[str] = (),
        *,
        connect: Callable[[Address], bool] | None = None,
    ) -> None:
        self._urls = [chat, *others]
        self._connect = connect or answers
        self._known: tuple[float, bool] | None = None

    def is_up(self) -> bool:
        """Return whether anything outside answers; where there is nothing to ask, it cannot be told and counts as up."""
        if self._known is not None and monotonic() - self._known[0] < FRESH_S:
            return self._known[1]
        found = self._ask([*(_of_url(one) for one in self._urls), *outside()][:LONGEST_LIST])
        self._known = (monotonic(), found)
        return found

    def _ask(self, addresses: Sequence[Address]) -> bool:
        if not addresses:
            return True
        pool = ThreadPoolExecutor(len(addresses), thread_name_prefix="way-out")
        try:
            return any(pool.map(self._connect, addresses, timeout=2 * WITHIN_S))
        except TimeoutError:
            return False
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def answers(address: Address) -> bool:
    """Return whether something is there: it takes a connection, or refuses it."""
    try:
        with socket.create_connection(address, timeout=WITHIN_S):
            return True
    except ConnectionRefusedError:
        return True
    except OSError:
        return False


def outside(
    routes: Path = Path("/proc/net/route"), resolver: Path = Path("/etc/resolv.conf")
) -> Iterator[Address]:
    """Yield the gateways and name servers of this machine that are not itself."""
    for line in _lines(routes)[1:]:
        words = line.split()
        if len(words) > 2 and words[1] == "00000000" and words[2] != "00000000":
            yield socket.inet_ntoa(struct.pack("<L", int(words[2], 16))), GATEWAY_PORT
    for line in _lines(resolver):
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and not _is_here(words[1]):
            yield words[1], DNS_PORT


def _is_here(text: str) -> bool:
    try:
        return ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return True


def _of_url(url: str) -> Address:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or {"http": 80}.get(parts.scheme, HTTPS_PORT)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
