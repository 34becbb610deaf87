"""Whether a port accepts a connection, as seen from the host."""

from bot.domain.checks import CheckSpec, Reply, Said, ok


def parse(reply: Reply, spec: CheckSpec) -> Said:
    host, port = spec.address()
    return ok(f"{host}:{port} accepts in {reply.took_ms:.0f} ms", connect_ms=round(reply.took_ms, 1))
