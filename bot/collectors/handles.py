"""What the process holds open: sockets with their peers, files, pipes, locks on files."""

import ipaddress
import re

from bot.domain.evidence import FileLock, OpenFile, Socket
from bot.domain.redaction import command as redact

Sections = dict[str, str]
STATES = {
    "01": "ESTABLISHED", "02": "SYN_SENT", "03": "SYN_RECV", "04": "FIN_WAIT1", "05": "FIN_WAIT2", "06": "TIME_WAIT",
    "07": "CLOSE", "08": "CLOSE_WAIT", "09": "LAST_ACK", "0A": "LISTEN", "0B": "CLOSING",
}  # fmt: skip
LOCK = re.compile(r"^\d+: (->)?\s*(\w+)\s+\w+\s+(\w+)\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)", re.MULTILINE)
ASKED = re.compile(r"/\.java_pid\d+(?:\.tmp)?$")
"""Where a JVM listens for questions since somebody first asked: no service of the program."""


def fds(sections: Sections) -> dict[int, str]:
    """Return what each file descriptor is, as /proc/PID/fd links it."""
    rows = (line.split(" ", 1) for line in sections.get("fds", "").splitlines())
    return {int(row[0]): row[1] for row in rows if len(row) == 2 and row[0].isdecimal()}


def sockets(sections: Sections) -> tuple[Socket, ...]:
    """Return the process's sockets, joined by inode with its own network namespace's tables."""
    by_inode = {
        int(found[1]): fd
        for fd, path in fds(sections).items()
        if (found := re.fullmatch(r"socket:\[(\d+)\]", path))
    }
    made = []
    for key, text in sections.items():
        if not key.startswith("net "):
            continue
        for line in text.splitlines():
            words = line.split()
            if len(words) < 10 or not words[9].isdecimal() or int(words[9]) not in by_inode:
                continue
            sent, _, received = words[4].partition(":")
            made.append(
                Socket(
                    fd=by_inode[int(words[9])],
                    inode=int(words[9]),
                    protocol=key.split()[1].rstrip("6"),
                    local=address(words[1]),
                    peer=address(words[2]),
                    state=STATES.get(words[3], words[3]),
                    send_queue=int(sent, 16),
                    receive_queue=int(received, 16),
                )
            )
    return (*made, *_unix(sections, by_inode))


def _unix(sections: Sections, by_inode: dict[int, int]) -> list[Socket]:
    rows = (line.split() for line in sections.get("unixsockets", "").splitlines())
    peers = {
        row[0]: " ".join((row[1], *re.findall(r"pid=(\d+)", row[2])[:1]))
        for line in sections.get("unixpeers", "").splitlines()
        if len(row := line.split(" ", 2)) == 3
    }
    return [
        Socket(
            fd=by_inode[int(row[6])],
            inode=int(row[6]),
            protocol="unix",
            local=row[7] if len(row) > 7 else "",
            peer=peers.get(row[6], ""),
            state="LISTEN" if row[3] == "00010000" else "ESTABLISHED" if row[5] == "03" else "UNCONNECTED",
        )
        for row in rows
        if len(row) > 6 and row[6].isdecimal() and int(row[6]) in by_inode and not ASKED.search(row[-1])
    ]


def address(text: str) -> str:
    """Return `10.0.0.1:5432` for what the kernel writes: hexadecimal, in words of the host's byte order."""
    number, _, port = text.partition(":")
    try:
        raw = bytes.fromhex(number)
        words = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
        ip = ipaddress.ip_address(words)
    except ValueError:
        return text
    mapped = getattr(ip, "ipv4_mapped", None)
    shown = str(mapped or ip)
    return f"[{shown}]:{int(port, 16)}" if ":" in shown else f"{shown}:{int(port, 16)}"


def files(sections: Sections) -> tuple[OpenFile, ...]:
    ends = pipe_ends(sections)
    return tuple(
        OpenFile(fd=fd, path=path, peers=tuple(ends.get(path, ())))
        for fd, path in fds(sections).items()
        if not path.startswith("socket:")
    )


def pipe_ends(sections: Sections) -> dict[str, list[str]]:
    """Return pipe → the others that have it open, as `PID reads|writes WCHAN COMMAND`; WCHAN may be `?`."""
    found: dict[str, list[str]] = {}
    for line in sections.get("pipeends", "").splitlines():
        words = line.split(" ", 4)
        if len(words) == 5 and words[1].isdecimal():
            pipe, pid, way, wchan, text = words
            found.setdefault(pipe, []).append(
                f"{pid} {way} {wchan.rstrip('.') or '?'} {redact(text.strip())}"
            )
    return found


def locks(sections: Sections, pid: int) -> tuple[FileLock, ...]:
    """Return the rows of /proc/locks that concern this process: what it holds, what it waits for and who has it, and what
    others hold of files that it has open.
    """
    inodes = {}
    for line in sections.get("inodes", "").splitlines():
        inode, _, path = line.partition(" ")
        inodes[inode] = path.rpartition("/")[2]
    paths = fds(sections)
    holders = dict(line.split(" ", 1) for line in sections.get("lockholders", "").splitlines() if " " in line)
    rows = [
        (bool(row[1]), row[2], row[3] == "READ", int(row[4]), row[5])
        for row in LOCK.finditer(sections.get("locks", ""))
    ]
    found = []
    for waits, kind, shared, owner, inode in rows:
        if inode not in inodes or (owner != pid and waits):
            continue
        fd = inodes[inode]
        holder = next(
            (other for waiting, _, _, other, same in rows if same == inode and not waiting and other != pid),
            None,
        )
        found.append(
            FileLock(
                path=paths.get(int(fd), "") if fd.isdecimal() else "",
                kind=kind.lower(),
                pid=owner,
                holder_pid=holder if waits else owner,
                holder_command=redact(holders.get(str(holder if waits else owner), "").strip()),
                waits=waits,
                shared=shared,
            )
        )
    return tuple(found)
