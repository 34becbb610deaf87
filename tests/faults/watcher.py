"""A bot without hosts, made to be killed: judges what a file says of four hosts, tells of it, and is ended at any moment.

    python -m tests.faults.watcher DATABASE API WORLD BEGAN [POINT]

Its clock runs FASTER times as fast as ours, and is AHEAD of the chat's, in whose history it looks for what it said. It ends itself
with SIGKILL at the delivery's POINT, the third time it comes there.
"""

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.chat.slack.send import SlackOut, make_client
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.routes import Route
from bot.domain.rules import RuleOverride, rules_with
from bot.domain.settings import InspectPolicy, ProbePolicy, Settings
from bot.domain.targets import Fleet, HostSpec
from bot.flows.deliver import deliver_due
from bot.flows.groups import refresh
from bot.flows.watch import judge_alone
from bot.ports import Services
from bot.store.opening import open_store
from tests.clocks import QuietTelemetry
from tests.flows.watch.night import SHOP, CountedIds, OneHost, SetClock, SickHost

FASTER = 30.0
AHEAD = timedelta(hours=3)
HOSTS = ("web1", "web2", "web3", "web4")
ROUND_S = 5.0
THE_NTH = 3


class FastClock:
    """Fulfils ports.Clock."""

    def __init__(self, began: float) -> None:
        self._began, self._start = began, datetime.fromtimestamp(began, UTC) + AHEAD

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.time() - self._began) * FASTER)

    def monotonic(self) -> float:
        return time.monotonic() * FASTER


class TimedIds(CountedIds):
    """Ids that no two incarnations share."""

    def new(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}_{time.time_ns():x}{self.number:04x}"


def channel(host: str) -> str:
    return f"C0{host.upper()}"


def made(database: str, api: str, began: float) -> Services:
    hosts = {name: HostSpec(name=name, services=("shop",)) for name in HOSTS}
    clock = FastClock(began)
    sick = SickHost(spec=hosts["web1"], clock=SetClock())
    settings = Settings(
        fleet=Fleet(hosts=hosts, services={"shop": SHOP}),
        channel="C0OPS",
        probes=ProbePolicy(interval_s=ROUND_S),
        rules=rules_with([RuleOverride(name="service_silent", for_s=10.0, keep_firing_s=5.0)]),
        routes=tuple(Route(match={"host": name}, channel=channel(name)) for name in HOSTS),
        inspect=InspectPolicy(auto=False),
    )
    return Services(
        settings=settings,
        clock=clock,
        ids=TimedIds(),
        hosts=OneHost(sick),
        store=open_store(database),
        chat=SlackOut(make_client("xoxb-sandbox", api), now=lambda: clock.now().timestamp()),
        telemetry=QuietTelemetry(),
    )


def main(database: str, api: str, world: str, began: str, point: str = "") -> None:
    services = made(database, api, float(began))
    met = 0

    def crash(where: str) -> None:
        nonlocal met
        met += where == point
        if met >= THE_NTH:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    due = services.clock.now()
    while True:
        if services.clock.now() >= due:
            due = services.clock.now() + timedelta(seconds=ROUND_S)
            silent = set(json.loads(Path(world).read_text()))
            for name in HOSTS:
                state = ServiceState.SILENT if name in silent else ServiceState.ANSWERING
                reason = "http_timeout" if name in silent else ""
                seen = Observation(
                    host=name,
                    at=services.clock.now(),
                    outcome=ProbeOutcome.OK,
                    services={"shop": ServiceReading(state=state, reason=reason)},
                )
                judge_alone(seen, services)
            refresh(services)
        deliver_due(services, worker=f"w{os.getpid()}", crash=crash)
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
