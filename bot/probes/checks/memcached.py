"""memcached's `stats` (doc/protocol.txt)."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, warning

NEARLY, ITS_OWN = 0.9, 16
"""It takes fewer than it says: some twelve of them are for itself."""
NUMBERS = (
    "curr_connections",
    "max_connections",
    "evictions",
    "bytes",
    "limit_maxbytes",
    "listen_disabled_num",
    "get_hits",
    "get_misses",
)


def request(spec: CheckSpec) -> bytes:
    del spec
    return b"stats\r\nquit\r\n"


def enough(heard: bytes) -> bool:
    return heard.endswith(b"END\r\n") or heard.startswith((b"ERROR", b"SERVER_ERROR"))


def parse(reply: Reply, spec: CheckSpec) -> Said:
    del spec
    words = [row.split() for row in reply.text.decode("ascii", errors="replace").splitlines()]
    rows = {word[1]: word[2] for word in words if len(word) == 3 and word[0] == "STAT"}
    if not rows and b"Too many open connections" in reply.text:
        return critical("it takes no more connections (-c)")
    if not rows:
        return critical("it speaks no memcached")
    metrics = {name: float(rows[name]) for name in NUMBERS if rows.get(name, "").isdecimal()}
    metrics["answer_ms"] = round(reply.took_ms, 1)
    used, most = metrics.get("curr_connections", 0.0), metrics.get("max_connections", 0.0)
    told = f"{used:.0f} connections, {metrics.get('evictions', 0):.0f} evictions since its start"
    if rows.get("accepting_conns") == "0":
        return critical(f"it accepts no more connections: {used:.0f} are open", **metrics)
    if most and used >= most - max((1 - NEARLY) * most, ITS_OWN):
        return warning(f"{told}: {most:.0f} are all it takes", **metrics)
    return ok(told, **metrics)
