"""An HTTP answer: its status, a pattern in its body, how long it took (RFC 9112)."""

import re
from urllib.parse import urlsplit

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, warning

STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})")
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)\s*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)


def is_https(spec: CheckSpec) -> bool:
    return spec.target.startswith("https://")


def request(spec: CheckSpec) -> bytes:
    parts = urlsplit(spec.target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = spec.server_name or parts.netloc.rpartition("@")[2]
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: hangbot",
        "Accept: */*",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def enough(heard: bytes) -> bool:
    """Whether the answer is all there; one without a length ends with the connection."""
    head, end, body = heard.partition(b"\r\n\r\n")
    if not end:
        return False
    if CHUNKED.search(head + b"\r\n"):
        return body.endswith(b"0\r\n\r\n")
    length = LENGTH.search(head + b"\r\n")
    return length is not None and len(body) >= int(length[1])


def parse(reply: Reply, spec: CheckSpec) -> Said:
    found = STATUS.match(reply.text)
    if found is None:
        return critical("it speaks no HTTP")
    status = int(found[1])
    body = reply.text.partition(b"\r\n\r\n")[2].decode("utf-8", errors="replace")
    metrics = {"status": float(status), "answer_ms": round(reply.took_ms, 1)}
    told = f"{status} in {reply.took_ms:.0f} ms"
    if spec.status is not None and status != spec.status:
        return critical(f"{told}, not {spec.status}", **metrics)
    if spec.status is None and status >= spec.bad_from:
        return critical(told, **metrics)
    if spec.body and re.search(spec.body, body) is None:
        return critical(f"{told}, and nothing in it matches `{spec.body}`", **metrics)
    if spec.under_s is not None and reply.took_ms > spec.under_s * 1000:
        return warning(f"{told}, slower than {spec.under_s:g} s", **metrics)
    return ok(told, **metrics)
