"""From the first bad round to the post: a bot that runs, services that fall silent one after the other, and a chat's own stamps.

    .venv/bin/python -m tests.bench.delay --services 50

Two hosts have the same services, each asked by HTTP; every few seconds one of them begins to answer 503. What is printed is by
how much the post came later than the first bad round and the rule's `for`. A channel takes one message a second.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bot.domain.alerts import Alert
from bot.store.opening import open_store
from tests.bench.figures import percentile
from tests.chat.slack.running import running_bot, workspace
from tests.sandbox_process import Sandbox, running_sandbox

INTERVAL_S, RETRY_S, FOR_S = 10.0, 2.0, 6.0
BOUND_S = 2 * RETRY_S + 3.0
HOSTS = ("one", "two")
APART_S = 3.0
SETTLES_S = 40.0


@contextmanager
def services(count: int) -> Iterator[tuple[int, set[int]]]:
    """Serve /0, /1, … on a port; those in the set that is yielded answer 503."""
    bad: set[int] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if int(self.path[1:]) in bad else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], bad
    finally:
        server.shutdown()
        server.server_close()


def config(port: int, count: int) -> str:
    names = [f"s{number}" for number in range(count)]
    told = "".join(f'  {name}: {{http: {{url: "http://127.0.0.1:{port}/{name[1:]}"}}}}\n' for name in names)
    hosts = "".join(f"  {host}: {{transport: local, services: [{', '.join(names)}]}}\n" for host in HOSTS)
    return (
        f'slack: {{channel: "#ops"}}\ndatabase: sqlite:///hangbot.db\nhosts:\n{hosts}services:\n{told}'
        f"probes: {{interval: {INTERVAL_S:.0f}s, retry: {RETRY_S:.0f}s}}\n"
        f"rules:\n  - {{alert: service_silent, for: {FOR_S:.0f}s}}\ninspect: {{auto: false}}\n"
    )


def posted(sandbox: Sandbox) -> dict[str, float]:
    """Return when each alert was posted, by its id."""
    found = {}
    for one in sandbox.messages("ops"):
        metadata = one.get("metadata") or {}
        if metadata.get("event_type") == "hangbot_alert":
            found[metadata["event_payload"]["id"]] = float(one["ts"])
    return found


def late_s(alert: Alert, at: float) -> float:
    assert alert.since is not None
    return at - alert.since.timestamp() - FOR_S


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--services", type=int, default=50)
    count = parser.parse_args().services
    with (
        services(count) as (port, bad),
        running_sandbox(workspace()) as sandbox,
        tempfile.TemporaryDirectory() as name,
        running_bot(sandbox, Path(name), config(port, count)),
    ):
        time.sleep(2 * INTERVAL_S)
        for number in range(count):
            bad.add(number)
            time.sleep(APART_S)
        time.sleep(SETTLES_S)
        at = posted(sandbox)
        store = open_store(f"sqlite:///{Path(name) / 'hangbot.db'}")
        alerts = {one.id: one for one in store.alerts()}
        store.close()
        late = sorted(late_s(alerts[identity], when) for identity, when in at.items())
    told = f"p50 {percentile(late, 0.5):.1f} s, p99 {percentile(late, 0.99):.1f} s, at most {late[-1]:.1f} s"
    print(f"{len(late)} of {count * len(HOSTS)} alerts posted; after the first bad round and `for`: {told}")
    print(f"the bound is two retries and 3 s: {BOUND_S:.0f} s")


if __name__ == "__main__":
    main()
