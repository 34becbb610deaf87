"""The systemd units that have failed."""

from bot.domain.checks import CheckSpec, Reply, Said, ok, unknown, warning
from bot.ports import Script

SHOWN = 5
SCRIPT = Script(
    name="check-units",
    version=1,
    text="LC_ALL=C systemctl list-units --state=failed --plain --no-legend --no-pager --full 2>&1",
)


def args(spec: CheckSpec) -> tuple[str, ...]:
    del spec
    return ()


def parse(reply: Reply, spec: CheckSpec) -> Said:
    del spec
    rows = [row.split() for row in reply.text.decode("utf-8", errors="replace").splitlines()]
    if reply.exit != 0:
        return unknown(" ".join(rows[0]) if rows and rows[0] else "systemctl does not answer")
    failed = [row[0] for row in rows if len(row) >= 4 and row[2] == "failed"]
    if not failed:
        return ok("no unit has failed", failed=0.0)
    more = f" and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    return warning(f"failed: {', '.join(failed[:SHOWN])}{more}", failed=float(len(failed)))
