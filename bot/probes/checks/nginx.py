"""nginx' stub_status (ngx_http_stub_status_module): connections by what they do."""

import re

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown, warning

ACTIVE = re.compile(rb"Active connections:\s*(\d+)")
TOTALS = re.compile(rb"accepts handled requests\s+(\d+)\s+(\d+)\s+(\d+)")
DOING = re.compile(rb"Reading:\s*(\d+)\s+Writing:\s*(\d+)\s+Waiting:\s*(\d+)")


def parse(reply: Reply, spec: CheckSpec) -> Said:
    active, totals, doing = (pattern.search(reply.text) for pattern in (ACTIVE, TOTALS, DOING))
    if active is None or doing is None:
        status = reply.text.split(b" ", 2)[1:2]
        shown = status[0].decode(errors="replace") if status else "nothing"
        return unknown(
            f"it answers {shown}, and no stub_status is there: put `stub_status;` into that location"
        )
    reading, writing, waiting = (int(doing[number]) for number in (1, 2, 3))
    metrics = {
        "connections": float(active[1]),
        "reading": float(reading),
        "busy": float(writing),
        "idle": float(waiting),
    }
    if totals is not None:
        metrics |= {"accepted_total": float(totals[1]), "requests_total": float(totals[3])}
        metrics["dropped_total"] = float(int(totals[1]) - int(totals[2]))
    told = f"{writing} requests are being answered, {waiting} connections idle"
    if spec.at_most is not None and writing > spec.at_most:
        return critical(f"{told}: more than {spec.at_most:g}", **metrics)
    if metrics.get("dropped_total"):
        return warning(
            f"{told}; {metrics['dropped_total']:.0f} connections were dropped since its start (worker_connections)",
            **metrics,
        )
    return ok(told, **metrics)
