"""Many alerts at once, on a real database and a real chat: how soon they are told, in how many messages, at what cost.

    .venv/bin/python -m tests.bench.alerts --hosts 500
    .venv/bin/python -m tests.bench.alerts --hosts 10000

Every host of the fleet is out of sight in one and the same round, judged as rounds are; meanwhile one service elsewhere
falls silent, which is told with a mention.
"""

import argparse
import resource
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.chat.slack.send import SlackOut, make_client
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.routes import OnCall
from bot.domain.rules import RuleOverride, rules_with
from bot.domain.settings import InspectPolicy, ProbePolicy, Settings
from bot.domain.targets import Fleet, HostSpec
from bot.flows.deliver import deliver_due
from bot.flows.groups import refresh
from bot.flows.watch import judge_rounds
from bot.ports import Services
from bot.store import migrate
from bot.store.opening import open_store
from tests.clocks import QuietTelemetry, RealClock
from tests.faults.watcher import TimedIds
from tests.flows.watch.night import SHOP, OneHost, SetClock, SickHost
from tests.sandbox_process import Sandbox, running_sandbox

TOGETHER = 64
GIVES_UP_S = 240.0
SETUP: dict[str, Any] = {"channels": [{"id": "C0OPS", "name": "ops"}], "users": [{"name": "ana"}]}


def made(folder: Path, api: str, count: int) -> Services:
    hosts = {f"web{n}": HostSpec(name=f"web{n}", zone="eu") for n in range(count)}
    hosts["shop1"] = HostSpec(name="shop1", services=("shop",))
    url = f"sqlite:///{folder / 'hangbot.db'}"
    migrate.upgrade(url)
    rules = [
        RuleOverride(name="host_unreachable", for_s=0.0, attempts=1),
        RuleOverride(name="service_silent", for_s=0.0, attempts=1),
    ]
    settings = Settings(
        fleet=Fleet(hosts=hosts, services={"shop": SHOP}),
        channel="C0OPS",
        probes=ProbePolicy(interval_s=30.0),
        rules=rules_with(rules),
        teams={"default": OnCall(users=("U0ANA0000",))},
        inspect=InspectPolicy(auto=False),
    )
    return Services(
        settings=settings,
        clock=RealClock(),
        ids=TimedIds(),
        hosts=OneHost(SickHost(spec=hosts["shop1"], clock=SetClock())),
        store=open_store(url),
        chat=SlackOut(make_client("xoxb-sandbox", api)),
        telemetry=QuietTelemetry(),
    )


def seen(host: str, services: Services, *, silent: bool = False) -> Observation:
    if not silent:
        return Observation(host=host, at=services.clock.now(), outcome=ProbeOutcome.UNREACHABLE)
    reading = ServiceReading(state=ServiceState.SILENT, reason="http_timeout")
    return Observation(
        host=host, at=services.clock.now(), outcome=ProbeOutcome.OK, services={"shop": reading}
    )


class Chat:
    """The beats of a bot that tell, in threads of their own as the clockwork has them."""

    def __init__(self, services: Services) -> None:
        self._services, self._over = services, threading.Event()
        looked: dict[str, datetime] = {}
        self._threads = [
            threading.Thread(target=self._beat, args=(0.5, lambda: deliver_due(services, worker="w"))),
            threading.Thread(target=self._beat, args=(1.0, lambda: refresh(services, looked))),
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _beat(self, every_s: float, beat: Any) -> None:
        while not self._over.wait(every_s):
            beat()


def told(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [one for one in sandbox.messages("ops") if (one.get("metadata") or {}).get("event_type")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=500)
    count = parser.parse_args().hosts
    with running_sandbox(SETUP) as sandbox, tempfile.TemporaryDirectory() as folder:
        services = made(Path(folder), sandbox.api_url, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with Chat(services):
            began = time.monotonic()
            names = [name for name in services.settings.fleet.hosts if name != "shop1"]
            for at in range(0, count, TOGETHER):
                judge_rounds([seen(name, services) for name in names[at : at + TOGETHER]], services)
            stored = time.monotonic() - began
            silent = time.monotonic()
            judge_rounds([seen("shop1", services, silent=True)], services)
            critical = whole = None
            while time.monotonic() - began < GIVES_UP_S and not (critical and whole):
                time.sleep(0.25)
                for one in told(sandbox):
                    if one["text"].startswith("CRITICAL shop on shop1") and critical is None:
                        critical = time.monotonic() - silent
                    payload = one["metadata"]["event_payload"]
                    if payload.get("count", 0) >= count and whole is None:
                        whole = time.monotonic() - began
            while time.monotonic() - began < 60.0:
                time.sleep(0.5)
        messages = told(sandbox)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        said = len(services.store.alerts(unresolved=True))
        broken = [f"{one['method']}: {one['error']}" for one in sandbox.violations()]
        services.store.close()
    print(f"{said} alerts stored in {stored:.1f} s")
    print(f"all of them stand in one message after {whole:.1f} s" if whole else "never in one message")
    print(f"the critical one elsewhere was told after {critical:.1f} s" if critical else "never told")
    print(
        f"{len(messages)} messages in a minute; {len(broken)} rules of the chat broken {sorted(set(broken))}"
    )
    print(f"{before:.0f} MiB before, {peak:.0f} MiB at most")


if __name__ == "__main__":
    main()
