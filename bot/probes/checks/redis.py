"""Redis and Valkey: PING and INFO. Keys and values are nobody's business."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown, warning

NEARLY = 0.9
NUMBERS = (
    "connected_clients", "blocked_clients", "used_memory", "maxmemory", "instantaneous_ops_per_sec", "evicted_keys",
    "rejected_connections", "connected_slaves", "master_last_io_seconds_ago", "maxclients",
)  # fmt: skip


def request(spec: CheckSpec) -> bytes:
    del spec
    return b"PING\r\nINFO\r\nQUIT\r\n"


def enough(heard: bytes) -> bool:
    return heard.endswith(b"+OK\r\n") or (heard.startswith(b"-") and heard.count(b"\r\n") >= 2)


def parse(reply: Reply, spec: CheckSpec) -> Said:
    text = reply.text.decode("utf-8", errors="replace")
    first = text.partition("\r\n")[0]
    if first.startswith("-NOAUTH"):
        return ok("it answers, and wants a password for more", answer_ms=round(reply.took_ms, 1))
    if first.startswith("-"):
        return (warning if first.startswith("-LOADING") else critical)(f"it answers {first[1:]}")
    if not first.startswith("+PONG"):
        return critical("it speaks no Redis")
    rows = dict(row.split(":", 1) for row in text.splitlines() if ":" in row and not row.startswith("#"))
    metrics = {name: float(rows[name]) for name in NUMBERS if rows.get(name, "").strip().isdecimal()}
    metrics["answer_ms"] = round(reply.took_ms, 1)
    told = (
        f"{metrics.get('connected_clients', 0):.0f} clients, {metrics.get('blocked_clients', 0):.0f} blocked"
    )
    if not metrics.get("connected_clients"):
        return unknown("it answers, and does not tell how it is", **metrics)
    if rows.get("role") == "slave" and rows.get("master_link_status") != "up":
        return critical(f"it is a replica, and has lost {rows.get('master_host', 'its primary')}", **metrics)
    if metrics.get("maxclients") and metrics["connected_clients"] >= NEARLY * metrics["maxclients"]:
        return warning(f"{told}: {metrics['maxclients']:.0f} are all it takes", **metrics)
    if rows.get("rdb_last_bgsave_status", "ok") != "ok":
        return warning(f"{told}; its last save to disk failed", **metrics)
    if spec.at_most is not None and metrics.get("blocked_clients", 0) > spec.at_most:
        return critical(f"{told}: more than {spec.at_most:g}", **metrics)
    return ok(told, **metrics)
