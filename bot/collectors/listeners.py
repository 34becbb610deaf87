"""Who listens on a host, out of the script's sections."""

import struct
from ipaddress import IPv4Address, IPv6Address

from bot.domain.discovery import Listener
from bot.domain.redaction import command as redact

Sections = dict[str, str]


def listeners(sections: Sections) -> tuple[list[Listener], list[int]]:
    """Return the processes that listen, and the ports of those that cannot be seen."""
    doors: dict[str, tuple[str, int]] = {}
    for row in sections.get("listening", "").splitlines():
        address, _, inode = row.partition(" ")
        if place := _place(address):
            doors[inode.strip()] = place
    holders: dict[int, list[str]] = {}
    pid = 0
    for row in sections.get("holders", "").splitlines():
        if row.startswith("/proc/"):
            word = row.split("/")[2]
            pid = int(word) if word.isdecimal() else 0
        elif "socket:[" in row:
            holders.setdefault(pid, []).append(row.rpartition("[")[2].rstrip("]\n "))
    found = []
    for number, inodes in holders.items():
        rows = sections.get(f"process {number}", "").splitlines()
        if len(rows) < 5:
            continue
        found.append(
            Listener(
                pid=number,
                name=rows[0].strip(),
                command=redact(" ".join(rows[1].split())),
                group=rows[2].strip(),
                owner=rows[3].strip(),
                parent=int(rows[4]) if rows[4].strip().isdecimal() else 0,
                addresses=tuple(dict.fromkeys(doors[inode] for inode in inodes if inode in doors)),
            )
        )
    seen = {address for one in found for address in one.addresses}
    return found, sorted({port for address, port in doors.values() if (address, port) not in seen})


def _place(text: str) -> tuple[str, int] | None:
    """Return address and port of `0100007F:1F40`, or of its longer form: words of the host's own byte order."""
    address, _, port = text.partition(":")
    try:
        number = int(port, 16)
        raw = b"".join(struct.pack("<I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8))
        shown = IPv4Address(raw) if len(raw) == 4 else IPv6Address(raw)
    except (ValueError, struct.error):
        return None
    mapped = shown.ipv4_mapped if isinstance(shown, IPv6Address) else None
    return str(mapped or shown), number
