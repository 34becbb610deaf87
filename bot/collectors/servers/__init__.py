"""Who is on the other end of a connection, and what a database there says of it: one script, one look.

`ask` runs it on the peer's host; each file beside reads one kind of server's answer.
"""

from importlib.resources import files

from bot.collectors.servers import mysql, postgresql, redis
from bot.domain.redaction import command as redact
from bot.domain.redaction import prose
from bot.domain.sessions import Owner, ServerLook
from bot.ports import Host, Limit, Script

FOLDER = files("bot.collectors") / "servers"
PIECES = ("ends", "postgresql", "mysql", "redis")
LIMIT = Limit(seconds=8.0, bytes=300_000)
READERS = {"PostgreSQL": postgresql.sessions, "MySQL": mysql.sessions, "Redis": redis.sessions}
MOST_SAID = 200

SERVER = Script(
    name="server",
    version=1,
    # $1 mark, $2 the port listened on, $3 the client's port, $4 the kind it seems to be, $5 `sudo` where it may be used, $6 the process that has the connection, or empty
    text="inner=$(cat <<'INNER_END'\n"
    + "".join((FOLDER / f"{name}.sh").read_text() for name in PIECES)
    + """INNER_END
)
if [ "$5" = sudo ] && [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
  sudo -n sh -c "$inner" hangbot-server "$1" "$2" "$3" "$4" "$6" 2>/dev/null
else
  sh -c "$inner" hangbot-server "$1" "$2" "$3" "$4" "$6" 2>/dev/null
fi
""",
)


def ask(host: Host, *, port: int, client_port: int, kind: str, mark: str, end_pid: int = 0) -> ServerLook:
    """Look on a host at who listens on a port and who has the connection from `client_port`; a database is asked, too.

    `kind`: what it seems to be; what listens there knows better. `end_pid`: the process that has the connection, where known. Raises HostFailure where the host cannot be asked.
    """
    sudo = "sudo" if host.spec.sudo else ""
    completed = host.run(
        SERVER, (mark, str(port), str(client_port), kind, sudo, str(end_pid or "")), limit=LIMIT
    )
    text = completed.stdout.decode(errors="replace")
    return read(text, mark=mark, client_port=client_port, end_pid=end_pid)


def read(text: str, *, mark: str, client_port: int, end_pid: int = 0) -> ServerLook:
    """Read what the script printed."""
    parts = (part.partition("\n") for part in text.split(f"\n{mark} ")[1:])
    sections = {head.strip(): body for head, _, body in parts}
    listeners, ends = _owners(sections, "listens"), _owners(sections, "end")
    head = next((key for key in sections if key.startswith("sessions ")), "")
    kind = head.removeprefix("sessions ")
    if kind not in READERS:
        return ServerLook(listeners=listeners, ends=ends)
    sessions = READERS[kind](sections, client_port, (end_pid, *(one.pid for one in ends)))
    code = next((key.split()[1] for key in sections if key.startswith("code ")), "")
    said = next(iter(sections[head].split("\n")), "").strip()
    failed = code != "0" and not sessions
    return ServerLook(
        listeners=listeners,
        ends=ends,
        kind=kind,
        sessions=sessions,
        refused=prose(said)[:MOST_SAID] if failed else "",
        silent=failed and not said,
    )


def _owners(sections: dict[str, str], role: str) -> tuple[Owner, ...]:
    rows = (line.split(" ", 2) for line in sections.get("owners", "").splitlines())
    return tuple(
        Owner(pid=int(row[1]), command=redact(row[2].strip()))
        for row in rows
        if len(row) == 3 and row[0] == role and row[1].isdecimal()
    )
