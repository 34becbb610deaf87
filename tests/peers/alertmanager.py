"""An Alertmanager of the tests' own, which notifies a receiver here, with its waits made short."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.clocks import RealClock
from tests.pages.receivers import Receiver, http_receiver
from tests.peers.programs import program
from tests.sshd import free_port

GROUP_WAIT_S, GROUP_INTERVAL_S = 2.0, 3.0
"""A fifteenth and a hundredth of what it waits by default (30 s, 5 min)."""
STARTS_WITHIN_S = 30.0
SHARE = Path("/usr/share")
CONFIG = {
    "route": {
        "receiver": "us",
        "group_by": ["alertname", "service"],
        "group_wait": f"{GROUP_WAIT_S:.0f}s",
        "group_interval": f"{GROUP_INTERVAL_S:.0f}s",
    }
}


@dataclass
class Alertmanager:
    api: str
    receiver: Receiver
    since: dict[str, datetime] = field(default_factory=dict)

    def fire(self, name: str, hosts: Iterable[str], *, service: str = "shop", over: bool = False) -> None:
        """Say that an alert of a name stands on hosts, or is over there."""
        now = RealClock().now().astimezone(UTC)
        ends = {"endsAt": now.isoformat()} if over else {"endsAt": (now + timedelta(hours=1)).isoformat()}
        body = [
            {
                "labels": {"alertname": name, "service": service, "host": host, "severity": "critical"},
                "annotations": {"summary": f"{service} on {host} does not answer"},
                "startsAt": self.since.setdefault(name, now).isoformat(),
                **ends,
            }
            for host in hosts
        ]
        request = urllib.request.Request(
            f"{self.api}/api/v2/alerts",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()

    def told(self, name: str) -> list[Mapping[str, Any]]:
        """Return the notifications about alerts of a name, in their order."""
        return [one for one in list(self.receiver.got) if one["groupLabels"]["alertname"] == name]

    def until(self, name: str, count: int) -> list[Mapping[str, Any]]:
        until(lambda: len(self.told(name)) >= count, f"notified {count} times of {name}")
        return self.told(name)


@contextmanager
def running_alertmanager(folder: Path) -> Iterator[Alertmanager]:
    alertmanager = program("prometheus-alertmanager", "prometheus-alertmanager")
    with http_receiver() as receiver:
        to = {"name": "us", "webhook_configs": [{"url": receiver.url, "send_resolved": True}]}
        (folder / "config.json").write_text(json.dumps({**CONFIG, "receivers": [to]}))  # every JSON is YAML
        address = f"127.0.0.1:{free_port()}"
        places = [f"--config.file={folder / 'config.json'}", f"--storage.path={folder}"]
        listens = [f"--web.listen-address={address}", "--cluster.listen-address="]
        with (folder / "log").open("wb") as log:
            argv = [*beside_its_share(alertmanager), alertmanager, *places, *listens]
            process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=folder)
        try:
            until(lambda: _ready(f"http://{address}/-/ready"), "got ready")
            yield Alertmanager(f"http://{address}", receiver)
        finally:
            process.terminate()
            process.wait(30)


def beside_its_share(alertmanager: Path) -> list[str | Path]:
    """Return what to put before its command: Debian's build reads /usr/share, wherever it was unpacked; so it gets to see its
    own there, in a mount namespace that ends with it.
    """
    share = alertmanager.parents[1] / "share"
    if share == SHARE:
        return []
    unshare = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    return [*unshare, "sh", "-c", 'mount --bind "$0" /usr/share && exec "$@"', share]


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while not true():
        assert time.monotonic() < end, f"Alertmanager never {what}"
        time.sleep(0.05)
