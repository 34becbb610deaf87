"""What a check costs: the bot's CPU and the host's, for so many hosts, and beside it other ways to ask the same server.

    python -m tests.bench.fleet --hosts 100 [--peers] [--rounds 20]

All hosts are connections to one real sshd on loopback, so wall times say little here: CPU is compared. A small check
is the sample of a resident collector that starts nothing; a whole one is everything a round can want. Peers run the
script of a whole check once per check, as they would.
"""

import argparse
import asyncio
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import paramiko

from bot.domain.observations import ProbeOutcome
from bot.domain.rules import RuleOverride, rules_with
from bot.domain.settings import ProbePolicy
from bot.domain.targets import Fleet, ServiceSpec
from bot.hosts import framing, sampling, scripts
from bot.hosts.fleet import SshFleet
from bot.ports import Ask, Sample
from bot.store.history import SqlHistory
from bot.work.rounds import Rounds
from tests.bench.floor import floor_ms
from tests.clocks import QuietTelemetry, RealClock
from tests.flows.watch.night import night
from tests.sshd import Sshd, running_sshd
from tests.stores import fresh_store

SMALL_BYTES, WHOLE_BYTES = 574, 1811
"""How long the answers are here."""
IN_FLIGHT = 32
IDLE_S = 8.0
CHECKS_A_SECOND = 34
"""As a thousand hosts asked every 30 s make."""
SLEEPER = ("sleep", "86400.25")
SERVICE = ServiceSpec(name="sleeper", process=" ".join(SLEEPER))
PLUGINS = "/usr/lib/nagios/plugins"
PINNED = ("-o", "KexAlgorithms=curve25519-sha256", "-c", "aes128-gcm@openssh.com")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU in milliseconds per check, of the bot and of the host."""

    bot_ms: float
    host_ms: float


def main() -> None:
    options = _options()
    with (
        TemporaryDirectory() as folder,
        running_sshd(Path(folder), MaxStartups="2000", MaxSessions="100") as sshd,
        _sleeping(),
    ):
        ours = _ours(sshd, options.hosts, options.rounds)
        _floor(ours, options.hosts, options.rounds)
        if options.peers:
            _peers(sshd, ours)
        _whole_bot(sshd, options.hosts, Path(folder))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--peers", action="store_true")
    return parser.parse_args()


@contextmanager
def _sleeping() -> Iterator[None]:
    """Run what stands for a service: one process that does nothing."""
    with subprocess.Popen(SLEEPER) as one:
        try:
            yield
        finally:
            one.terminate()


def _fleet(sshd: Sshd, hosts: int) -> Fleet:
    made = {f"h{n}": replace(sshd.spec(f"h{n}"), services=(SERVICE.name,)) for n in range(hosts)}
    return Fleet(hosts=made, services={SERVICE.name: SERVICE})


@contextmanager
def _opened(sshd: Sshd, hosts: int) -> Iterator[SshFleet]:
    fleet = SshFleet(_fleet(sshd, hosts), clock=RealClock(), telemetry=QuietTelemetry(), resident=True)
    try:
        yield fleet
    finally:
        fleet.close()


def _ours(sshd: Sshd, hosts: int, rounds: int) -> dict[str, Cost]:
    before = _rss_kib()
    with _opened(sshd, hosts) as fleet:
        names = [f"h{n}" for n in range(hosts)]
        began, cpu = time.monotonic(), time.process_time()
        _ask_all(fleet, names, Ask(services=()))
        print(
            f"{hosts} hosts: connected and sampled in {time.monotonic() - began:.1f} s, "
            f"{(time.process_time() - cpu) / hosts * 1000:.2f} ms CPU each; "
            f"{(_rss_kib() - before) / hosts:.0f} KiB each, {_rss_kib() / 1024:.0f} MiB in all"
        )
        cpu = time.process_time()
        time.sleep(IDLE_S)
        print(f"idle: {(time.process_time() - cpu) / IDLE_S:.3%} of a core")
        small = _measured(
            sshd, lambda: _repeated(fleet, names, Ask(services=(), whole=False, pids=(1,)), rounds)
        )
        whole = _measured(sshd, lambda: _repeated(fleet, names, Ask(services=()), max(2, rounds // 5)))
    for kind, cost in (("small", small), ("whole", whole)):
        print(f"{kind} check: bot {cost.bot_ms:.3f} ms, host {cost.host_ms:.2f} ms")
    return {"small": small, "whole": whole}


def _floor(ours: dict[str, Cost], hosts: int, rounds: int) -> None:
    """Lay what asking costs beside bare sockets that bring as many bytes."""
    for kind, size in (("small", SMALL_BYTES), ("whole", WHOLE_BYTES)):
        least = floor_ms(size, connections=hosts, rounds=rounds)
        print(f"{kind} check: {ours[kind].bot_ms / least:.1f} times bare sockets ({least:.3f} ms)")


def _repeated(fleet: SshFleet, names: list[str], ask: Ask, rounds: int) -> int:
    for _ in range(rounds):
        _ask_all(fleet, names, ask)
    return rounds * len(names)


def _ask_all(fleet: SshFleet, names: list[str], ask: Ask) -> None:
    """Ask each once, so many at a time, the next when one has answered; every one must answer well."""
    waiting, left, bad = iter(names), [len(names)], list[Sample]()
    over, lock = threading.Event(), threading.Lock()

    def begin() -> None:
        with lock:
            name = next(waiting, None)
        if name is not None:
            fleet.begin(name, ask, done)

    def done(sample: Sample) -> None:
        if sample.outcome is not ProbeOutcome.OK:
            bad.append(sample)
        with lock:
            left[0] -= 1
        begin()
        if not left[0]:
            over.set()

    for _ in range(IN_FLIGHT):
        begin()
    over.wait()
    if bad:
        raise SystemExit(f"{len(bad)} of {len(names)} did not answer: {bad[0].reason}")


def _measured(sshd: Sshd, work: Callable[[], int]) -> Cost:
    cpu, there = time.process_time(), _server_ms(sshd)
    checks = work()
    return Cost(
        bot_ms=(time.process_time() - cpu) / checks * 1000, host_ms=(_server_ms(sshd) - there) / checks
    )


def _server_ms(sshd: Sshd) -> float:
    """Return the CPU of all that lives below the server, what it has waited for included."""
    total = 0.0
    tick_ms = 1000 / os.sysconf("SC_CLK_TCK")
    for pid in sshd.children():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            own = float(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
        except OSError:
            continue
        total += own + (int(fields[13]) + int(fields[14])) * tick_ms
    return total


def _rss_kib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024


# --- the whole bot


def _whole_bot(sshd: Sshd, hosts: int, folder: Path) -> None:
    """From tick to judged and stored, with the built-in rules, hosts asked every few seconds."""
    store = fresh_store(folder)
    fleet = _fleet(sshd, hosts)
    telemetry = Counting()
    with _opened(sshd, hosts) as opened:
        built = night(store).services
        policy = ProbePolicy(interval_s=hosts / CHECKS_A_SECOND, jitter=0.1, retry_s=1.0)
        # all hosts are this one machine: its pressure would make an alert of each, and every sample a whole one
        rules = rules_with([RuleOverride(name="load_high", when="psi_cpu_some_avg10 > 1000")])
        settings = replace(built.settings, fleet=fleet, probes=policy, rules=rules)
        built = replace(built, history=SqlHistory(store.engine))
        rounds = Rounds(
            replace(built, settings=settings, hosts=opened, clock=RealClock(), telemetry=telemetry)
        )
        try:
            _run(rounds, max(20.0, 3 * policy.interval_s))
            cpu, counted = time.process_time(), telemetry.rounds
            _run(rounds, max(24.0, 4 * policy.interval_s))
            counted = telemetry.rounds - counted
            cost = (time.process_time() - cpu) / counted * 1000
        finally:
            rounds.stop()
    live = Counter((one.rule, one.status.value) for one in store.alerts(unresolved=True))
    store.close()
    print(f"alerts that were not over at the end: {dict(live)}")
    print(f"whole bot, {hosts} hosts every {policy.interval_s:g} s: {cost:.3f} ms a round ({counted} rounds)")


def _run(rounds: Rounds, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rounds.tick()
        time.sleep(0.25)


class Counting(QuietTelemetry):
    rounds = 0

    def count(self, metric: str, **labels: str) -> None:
        if metric == "probe_rounds" and labels["outcome"] == "ok":
            self.rounds += 1


# --- peers


def _peers(sshd: Sshd, ours: dict[str, Cost]) -> None:
    mark = framing.new_mark()
    args = sampling.arguments((), mark=mark, look=False)
    line = framing.command(scripts.SAMPLE, args, mark=mark, seconds=30)
    ways: dict[str, Callable[[], tuple[float, int]]] = {
        "ssh, pinned exchange": lambda: _by_ssh(sshd, line, PINNED),
        "ssh over a ControlMaster": lambda: _by_master(sshd, line),
        "paramiko, held, a command per check": lambda: _by_paramiko(sshd, line),
    }
    if shutil.which("check_by_ssh", path=PLUGINS):
        ways["check_by_ssh, pinned exchange"] = lambda: _by_plugin(sshd, line)
        ways["check_by_ssh over a ControlMaster"] = lambda: _by_plugin_and_master(sshd, line)
    if importlib.util.find_spec("asyncssh"):
        ways["asyncssh, held, a command per check"] = lambda: _by_asyncssh(sshd, line)
    if importlib.util.find_spec("pssh"):
        ways["parallel-ssh, held, a command per check"] = lambda: _by_parallel_ssh(sshd, line)
    if shutil.which("ansible", path=Path(sys.executable).parent):
        ways["ansible raw, ControlPersist"] = lambda: _by_ansible(sshd, line)
    print(f"{'peer':40} {'bot ms':>8} {'x whole':>8} {'x small':>8}")
    for name, way in ways.items():
        try:
            spent, checks = way()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name:40} cannot be asked here: {error}")
            continue
        cost = spent / checks * 1000
        whole, small = cost / ours["whole"].bot_ms, cost / ours["small"].bot_ms
        print(f"{name:40} {cost:8.2f} {whole:8.1f} {small:8.1f}")


def _ssh(sshd: Sshd, *more: str) -> list[str]:
    known = f"UserKnownHostsFile={sshd.known_hosts}"
    words = [
        "ssh",
        "-F",
        "none",
        "-p",
        str(sshd.port),
        "-i",
        str(sshd.key_file),
        "-o",
        known,
        "-o",
        "BatchMode=yes",
    ]
    return [*words, *more, f"{sshd.user}@{sshd.address}"]


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _times(argv: list[str], checks: int) -> tuple[float, int]:
    before = _children_s()
    for _ in range(checks):
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _children_s() - before, checks


def _by_ssh(sshd: Sshd, line: str, more: tuple[str, ...]) -> tuple[float, int]:
    return _times([*_ssh(sshd, *more), line], 40)


def _by_master(sshd: Sshd, line: str) -> tuple[float, int]:
    return _beside_master(sshd, lambda path: [*_ssh(sshd, "-o", path), line])


def _beside_master(sshd: Sshd, argv: Callable[[str], list[str]]) -> tuple[float, int]:
    """Run checks that go over a master's connection; its CPU counts as well."""
    with TemporaryDirectory() as folder:
        path = f"ControlPath={folder}/c"
        with subprocess.Popen(_ssh(sshd, "-M", "-N", "-o", path), stdout=subprocess.DEVNULL) as master:
            while not Path(folder, "c").exists():
                time.sleep(0.05)
            used = _cpu_of(master.pid)
            spent, checks = _times(argv(path), 60)
            used = _cpu_of(master.pid) - used
            master.terminate()
    return spent + used, checks


def _cpu_of(pid: int) -> float:
    return float(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _by_plugin(sshd: Sshd, line: str) -> tuple[float, int]:
    pinned = ("KexAlgorithms=curve25519-sha256", "Ciphers=aes128-gcm@openssh.com")
    return _times(_plugin(sshd, line, *pinned), 40)


def _by_plugin_and_master(sshd: Sshd, line: str) -> tuple[float, int]:
    return _beside_master(sshd, lambda path: _plugin(sshd, line, path))


def _plugin(sshd: Sshd, line: str, *options: str) -> list[str]:
    argv = [f"{PLUGINS}/check_by_ssh", "-H", sshd.address, "-p", str(sshd.port), "-l", sshd.user]
    argv += ["-i", str(sshd.key_file), "-q", "-E", "-t", "30"]
    for option in (f"UserKnownHostsFile={sshd.known_hosts}", *options):
        argv += ["-o", option]
    return [*argv, "-C", line]


def _by_paramiko(sshd: Sshd, line: str, hosts: int = 100) -> tuple[float, int]:
    def opened(_: int) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.load_host_keys(str(sshd.known_hosts))
        client.connect(
            sshd.address,
            sshd.port,
            sshd.user,
            key_filename=str(sshd.key_file),
            allow_agent=False,
            look_for_keys=False,
        )
        return client

    def asked(client: paramiko.SSHClient) -> None:
        _, out, _ = client.exec_command(line)
        out.read()
        out.channel.recv_exit_status()

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        clients = list(pool.map(opened, range(hosts)))
        before = time.process_time()
        for _ in range(3):
            list(pool.map(asked, clients))
        spent = time.process_time() - before
        for client in clients:
            client.close()
    return spent, 3 * hosts


def _by_asyncssh(sshd: Sshd, line: str, hosts: int = 100) -> tuple[float, int]:
    import asyncssh  # type: ignore[import-not-found]

    async def run() -> float:
        room = asyncio.Semaphore(IN_FLIGHT)
        links = [
            await asyncssh.connect(
                sshd.address, sshd.port, username=sshd.user, client_keys=[str(sshd.key_file)],
                known_hosts=str(sshd.known_hosts), config=None,
            )
            for _ in range(hosts)
        ]  # fmt: skip

        async def asked(link) -> None:  # type: ignore[no-untyped-def]
            async with room:
                await link.run(line, check=True)

        before = time.process_time()
        for _ in range(3):
            await asyncio.gather(*(asked(link) for link in links))
        spent = time.process_time() - before
        for link in links:
            link.close()
        return spent

    return asyncio.run(run()), 3 * hosts


def _by_parallel_ssh(sshd: Sshd, line: str, hosts: int = 100) -> tuple[float, int]:
    """Ask in a process of its own: gevent changes all sockets of its process."""
    done = subprocess.run(
        (sys.executable, "-c", PARALLEL_SSH, sshd.address, str(sshd.port), sshd.user, str(sshd.key_file), line,
         str(hosts), str(IN_FLIGHT)),
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout), 3 * hosts


PARALLEL_SSH = """
import sys, time
from pssh.clients import ParallelSSHClient
address, port, user, key, line, hosts, at_once = sys.argv[1:]
client = ParallelSSHClient([address] * int(hosts), port=int(port), user=user, pkey=key, pool_size=int(at_once))

def ask():
    for one in client.run_command(line, use_pty=False):
        list(one.stdout)

ask()
before = time.process_time()
for _ in range(3):
    ask()
print(time.process_time() - before)
"""


def _by_ansible(sshd: Sshd, line: str, hosts: int = 40) -> tuple[float, int]:
    with TemporaryDirectory() as folder:
        inventory = Path(folder, "hosts")
        common = (
            f"ansible_host={sshd.address} ansible_port={sshd.port} ansible_user={sshd.user} "
            f"ansible_ssh_private_key_file={sshd.key_file}"
        )
        inventory.write_text("".join(f"h{n} {common}\n" for n in range(hosts)))
        env = os.environ | {
            "ANSIBLE_HOME": folder,
            "ANSIBLE_SSH_ARGS": f"-o ControlMaster=auto -o ControlPersist=30 -o UserKnownHostsFile={sshd.known_hosts}",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": folder,
        }
        check = Path(folder, "check.sh")  # its own command line takes no such text
        check.write_text(line)
        argv = [str(Path(sys.executable).with_name("ansible")), "all", "-i", str(inventory)]
        argv += ["-f", str(IN_FLIGHT), "-m", "raw", "-a", f"sh {check}"]
        before = 0.0
        for _ in range(2):  # the first connects
            before = _children_s()
            subprocess.run(argv, check=True, env=env, capture_output=True)
        return _children_s() - before, hosts


if __name__ == "__main__":
    sys.exit(main())
