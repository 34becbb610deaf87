"""Which connections wait for an answer: what `ss -tni` says of those to and from the process's own ports."""

import re

from bot.domain.traffic import Traffic

Sections = dict[str, str]
ADDRESS = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[0-9.]+)(?:%[\w.-]+)?:\d+$")
COUNT = re.compile(r"\b(lastsnd|lastrcv|bytes_received|bytes_sent|bytes_acked):(\d+)")


def traffic(sections: Sections) -> tuple[Traffic, ...]:
    """Return one row for each connection. Its figures stand on the line below its addresses, or on the same one."""
    rows: list[str] = []
    for line in sections.get("answers", "").splitlines():
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
