"""Our row of Redis' CLIENT LIST."""

from bot.domain.peers import split
from bot.domain.sessions import Session


def sessions(sections: dict[str, str], client_port: int, ends: tuple[int, ...]) -> tuple[Session, ...]:
    """Return our session: its last command is its state, without arguments."""
    del ends  # one process for all
    found = []
    for line in sections.get("sessions Redis", "").splitlines():
        row = dict(word.split("=", 1) for word in line.split() if "=" in word)
        address = split(row.get("addr", ""))
        if "id" in row and address and address[1] == client_port:
            found.append(
                Session(
                    id=row["id"],
                    state=row.get("cmd", ""),
                    for_s=float(row["idle"]) if row.get("idle", "").isdecimal() else None,
                    user=row.get("user", ""),
                    client=address[0],
                    client_port=address[1],
                    blocked="b" in row.get("flags", ""),
                )
            )
    return tuple(found)
