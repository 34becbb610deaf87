"""Which connections wait for an answer: what `ss -tni` says of those to and from the process's own ports."""

import re

from bot.domain.front import Door, Front, Request
from bot.domain.redaction import path as redact
from bot.domain.traffic import Traffic

Sections = dict[str, str]
ADDRESS = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[0-9.]+)(?:%[\w.-]+)?:\d+$")
REQUEST = re.compile(
    r"\[<b>(?:Write|Read|Sending Reply|Reading Request)</b>\][^\n]*\n\s*(\d+) [^\n]*\n[^{\n]*\{([A-Z]{3,10}) (/\S*)[^}\n]*\}"
)
"""One worker of Apache's status page without its table: its state, the seconds since, the request that it answers."""
LONGEST_PATH = 80
COUNT = re.compile(r"\b(lastsnd|lastrcv|bytes_received|bytes_sent|bytes_acked):(\d+)")


def traffic(sections: Sections) -> tuple[Traffic, ...]:
    """Return one row for each connection. Its figures stand on the line below its addresses, or on the same one."""
    return _rows(sections.get("answers", ""))


def front(sections: Sections) -> Front | None:
    """Return what a server in front waits for over all its processes, None where it is no such server."""
    head = next((key.split() for key in sections if key.startswith("front ")), None)
    if head is None or len(head) != 2:
        return None
    status = sections.get("frontstatus", "")
    busy = re.search(
        r"(\d+) requests currently being processed, (\d+) (?:idle workers|workers gracefully)", status
    )
    free = re.search(r"(\d+) idle workers", status)
    return Front(
        program=head[1],
        listens=tuple(
            {
                int(port)
                for row in sections.get("frontlisten", "").split()
                if (port := row.rpartition(":")[2]).isdecimal()
            }
        ),
        connections=_rows(sections[" ".join(head)]),
        by_path=tuple(
            Door(path=words[2], count=int(words[0]), pid=int(words[1]))
            for row in sections.get("frontunix", "").splitlines()
            if len(words := row.split(" ", 2)) == 3 and words[0].isdecimal() and words[1].isdecimal()
        ),
        busy=max(0, int(busy[1]) - 1) if busy else None,  # one of them answered us
        free=int(free[1]) if free else None,
        requests=tuple(
            Request(method=method, path=redact(path.partition("?")[0])[:LONGEST_PATH], for_s=int(seconds))
            for seconds, method, path in REQUEST.findall(status)
            if "server-status" not in path
        ),
    )


def _rows(text: str) -> tuple[Traffic, ...]:
    rows: list[str] = []
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and rows:
            rows[-1] += line
        elif line.strip():
            rows.append(line)
    return tuple(found for row in rows if (found := _one(row)))


def _one(row: str) -> Traffic | None:
    """Read one connection; None for an ss too old to count."""
    addresses = [word for word in row.split() if ADDRESS.match(word)]
    counts = {name: int(number) for name, number in COUNT.findall(row)}
    if len(addresses) != 2 or "lastrcv" not in counts:
        return None
    return Traffic(
        local=addresses[0],
        peer=addresses[1],
        received=counts.get("bytes_received", 0),
        sent=counts.get("bytes_sent", max(0, counts.get("bytes_acked", 1) - 1)),  # an acked SYN counts as one
        since_received_ms=counts["lastrcv"],
        since_sent_ms=counts.get("lastsnd", 0),
    )
