"""How many processes there are, run, and are blocked on a disk."""

from collections.abc import Mapping

WANTED = ("procs_running", "procs_blocked", "procs_total")


def parse(sections: Mapping[str, str]) -> dict[str, float]:
    rows = (line.split() for line in sections.get("procs", "").splitlines())
    return {
        row[0]: float(row[1]) for row in rows if len(row) == 2 and row[0] in WANTED and row[1].isdecimal()
    }
