"""Whether hosts that swallow everything delay the others: rounds that were missed, and how late the scheduler's beat is.

    python -m tests.bench.holes --hosts 1000 --share 0.1 --minutes 3

The holes are a port of this machine whose accept queue is full, so that it drops what comes: to connect there takes as long as
the deadline. All others are connections to one real sshd, asked every 30 s as the bot asks them.
"""

import argparse
import contextlib
import socket
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import sub
from pathlib import Path

from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.rules import RuleOverride, rules_with
from bot.domain.settings import ProbePolicy
from bot.domain.targets import Fleet, HostSpec
from bot.hosts.fleet import SshFleet
from bot.store.history import SqlHistory
from bot.store.sql import SqlStore
from bot.work.rounds import Rounds
from tests.clocks import QuietTelemetry, RealClock
from tests.flows.watch.night import night
from tests.sshd import Sshd, running_sshd
from tests.stores import fresh_store

TICK_S = 0.25


class Noting(SqlHistory):
    """Notes when each host was seen."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__(store.engine)
        self.seen: defaultdict[str, list[float]] = defaultdict(list)

    def record(self, observations: Sequence[Observation]) -> None:
        super().record(observations)
        for one in observations:
            if one.outcome is ProbeOutcome.OK:
                self.seen[one.host].append(one.at.timestamp())

    def missed(self, *, since: float, interval_s: float) -> tuple[int, int]:
        """Return rounds that were done, and those that a gap of one and a half intervals and more left out."""
        done = left_out = 0
        for moments in self.seen.values():
            recent = [at for at in moments if at >= since]
            done += len(recent)
            left_out += sum(
                round(gap / interval_s) - 1 for gap in map(sub, recent[1:], recent) if gap > 1.5 * interval_s
            )
        return done, left_out


class Counting(QuietTelemetry):
    def __init__(self) -> None:
        super().__init__()
        self.rounds: Counter[str] = Counter()

    def count(self, metric: str, **labels: str) -> None:
        if metric == "probe_rounds":
            self.rounds[labels["outcome"]] += 1


@contextmanager
def hole() -> Iterator[int]:
    """Yield a port at which nothing is ever accepted, and no more is queued."""
    with contextlib.ExitStack() as stack:
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", door.getsockname()[1]))
        yield door.getsockname()[1]


def fleet(sshd: Sshd, hosts: int, share: float, port: int) -> Fleet:
    swallowed = round(hosts * share)
    made: dict[str, HostSpec] = {}
    for number in range(hosts):
        name = f"h{number}"
        spec = sshd.spec(name, connect_timeout_s=5.0)
        made[name] = replace(spec, port=port) if number < swallowed else spec
    return Fleet(hosts=made, services={})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hosts", type=int, default=1000)
    options.add_argument("--share", type=float, default=0.1)
    options.add_argument("--minutes", type=float, default=3.0)
    options.add_argument("--interval", type=float, default=30.0)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        hole() as port,
        running_sshd(Path(folder), MaxStartups="2000", MaxSessions="100") as sshd,
    ):
        store, telemetry = fresh_store(Path(folder)), Counting()
        noting = Noting(store)
        watched = fleet(sshd, given.hosts, given.share, port)
        hosts = SshFleet(watched, clock=RealClock(), telemetry=telemetry, resident=True)
        built = night(store).services
        policy = ProbePolicy(interval_s=given.interval, jitter=0.1, retry_s=5.0)
        rules = rules_with([RuleOverride(name="load_high", when="psi_cpu_some_avg10 > 1000")])
        settings = replace(built.settings, fleet=watched, probes=policy, rules=rules)
        rounds = Rounds(
            replace(
                built, settings=settings, hosts=hosts, clock=RealClock(), telemetry=telemetry,
                history=noting,
            )
        )  # fmt: skip
        try:
            _run(rounds, 2.5 * given.interval)
            since = time.time()
            late = sorted(_run(rounds, given.minutes * 60))
            done, left_out = noting.missed(since=since, interval_s=given.interval)
        finally:
            rounds.stop()
            hosts.close()
            store.close()
        share = left_out / max(1, done + left_out)
        print(
            f"{given.hosts} hosts, {given.share:.0%} of them holes: {done} rounds of the others done, {left_out} missed ({share:.2%})"
        )
        print(
            f"the beat was late by {late[len(late) // 2]:.3f} s (median), {late[int(len(late) * 0.99)]:.3f} s (99 %)"
        )
        print(f"outcomes: {dict(telemetry.rounds)}")


def _run(rounds: Rounds, seconds: float) -> list[float]:
    """Beat; return by how much each beat was late."""
    late, due = [], time.monotonic()
    end = due + seconds
    while time.monotonic() < end:
        late.append(max(0.0, time.monotonic() - due))
        rounds.tick()
        due += TICK_S
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due, time.monotonic() - TICK_S)
    return late


if __name__ == "__main__":
    main()
