"""Apache's mod_status in its machine-readable form (`/server-status?auto`): busy and idle workers."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown, warning

NEARLY = 0.9
STATES = {
    "W": "writing",
    "R": "reading",
    "K": "keepalive",
    "D": "dns",
    "C": "closing",
    "L": "logging",
    "G": "finishing",
}


def parse(reply: Reply, spec: CheckSpec) -> Said:
    body = reply.text.partition(b"\r\n\r\n")[2].decode("latin-1")
    rows = dict(row.split(": ", 1) for row in body.splitlines() if ": " in row)
    busy, idle = rows.get("BusyWorkers", ""), rows.get("IdleWorkers", "")
    if not (busy.strip().isdecimal() and idle.strip().isdecimal()):
        return unknown(
            "no server status is there: ask `/server-status?auto`, and let it be asked from its own host"
        )
    used, free = int(busy), int(idle)
    board = rows.get("Scoreboard", "")
    metrics = {"busy": float(used), "idle": float(free), "open_slots": float(board.count("."))}
    metrics |= {word: float(board.count(letter)) for letter, word in STATES.items() if letter in board}
    for name, key in (("ReqPerSec", "requests_per_second"), ("ConnsTotal", "connections")):
        if _is_number(rows.get(name, "")):
            metrics[key] = float(rows[name])
    told = f"{used} of {used + free} workers busy"
    if not free and not metrics["open_slots"]:
        return critical(f"all {used} workers are busy: whoever comes now waits", **metrics)
    full = used / max(1.0, used + free + metrics["open_slots"])
    if full >= NEARLY or (spec.at_most is not None and used > spec.at_most):
        return warning(told, **metrics)
    return ok(told, **metrics)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
