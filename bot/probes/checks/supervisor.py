"""The state of a program under supervisord (supervisord.org/subprocess.html)."""

from bot.domain.checks import CheckSpec, Grade, Reply, Said, unknown
from bot.ports import Script

SCRIPT = Script(
    name="check-supervisor",
    version=1,
    # $1 `sudo` where it may be used, $2 the program
    text=r"""
as=; [ "$(id -u)" != 0 ] && [ "$1" = sudo ] && sudo -n true 2>/dev/null && as='sudo -n'
PATH=$PATH:/usr/local/bin:/usr/bin
$as supervisorctl status "$2" 2>&1
""",
)
GRADES = {
    "RUNNING": Grade.OK,
    "STARTING": Grade.WARNING,
    "BACKOFF": Grade.CRITICAL,
    "STOPPING": Grade.WARNING,
}
STATES = ("STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN")


def args(spec: CheckSpec) -> tuple[str, ...]:
    return (spec.target,)


def parse(reply: Reply, spec: CheckSpec) -> Said:
    del spec
    rows = [row.split(None, 2) for row in reply.text.decode("utf-8", errors="replace").splitlines()]
    states = [row for row in rows if len(row) >= 2 and row[1] in STATES]
    if not states:
        said = " ".join(rows[0]) if rows and rows[0] else "supervisorctl says nothing"
        return Said(grade=Grade.CRITICAL, text=said) if "no such process" in said else unknown(said)
    bad = [row for row in states if row[1] != "RUNNING"]
    shown = bad[0] if bad else states[0]
    text = f"{shown[0]} is {shown[1].lower()}{f', {shown[2]}' if len(shown) > 2 else ''}"
    running = float(len(states) - len(bad))
    return Said(
        grade=GRADES.get(shown[1], Grade.CRITICAL),
        text=text,
        metrics={"running": running, "programs": float(len(states))},
    )
