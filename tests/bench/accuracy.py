"""How often a diagnosis is true: `python -m tests.bench.accuracy [--busy] [--rounds N] [--python VERSION,…|all] …`.

Every victim and every honest program is run and looked at over a real SSH server, each as often as `--rounds` says; with
`--busy` beside four processes that take all they can get. Nothing here asserts a time: the numbers are printed.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import collectors
from bot.diagnosers import diagnose
from bot.ports import Host
from tests.bench import oracles, pauses
from tests.bench.figures import Run, failures, matrix, summary
from tests.sshd import running_sshd
from tests.victims.judging import judge, told
from tests.victims.running import Listening, Victim, look, names, over_ssh, pythons, running, victim

BUSY_PROCESSES = 4
SPIN = "while True: pass"


def main() -> int:
    wanted = arguments()
    versions = list(pythons()) if wanted.python == "all" else wanted.python.split(",")
    chosen = wanted.only.split(",") if wanted.only else names()
    said: list[oracles.Opinion] = []
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="bench-"))
        sshd = stack.enter_context(running_sshd(Path(folder)))
        host = over_ssh(sshd.spec())
        stack.callback(host.close)
        if wanted.busy:
            stack.enter_context(busy(BUSY_PROCESSES))
        ones = [(version, one) for version in versions for one in map(victim, chosen)]
        jobs = [job for job in ones if not job[1].missing_on(pythons()[job[0]])]
        with ThreadPoolExecutor(wanted.workers) as pool:
            found = pool.map(
                lambda job: run(host, job[1], job[0], busy=wanted.busy, ask=said if wanted.oracles else None),
                [job for job in jobs for _ in range(wanted.rounds)],
            )
            runs = [one for one in found if one]
        told_of = [*failures(runs), "", *summary(runs), *oracles.table(said)]
        print("\n" + "\n".join(told_of), file=sys.stderr if wanted.matrix else sys.stdout)
        if wanted.matrix:
            print("\n".join(matrix(runs)))
        if wanted.pauses:
            print("\n".join(pauses.table(host, looks=wanted.pauses)))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    ours = "%d.%d" % sys.version_info[:2]
    parser.add_argument("--busy", action="store_true", help=f"beside {BUSY_PROCESSES} busy processes")
    parser.add_argument("--rounds", type=int, default=1, help="looks at each program")
    parser.add_argument("--python", default=ours, help="versions, with commas, or all of this machine")
    parser.add_argument(
        "--workers", type=int, default=1, help="looks at a time; more than one makes the times worse"
    )
    parser.add_argument("--only", default="", help="names of victims, with commas")
    parser.add_argument("--oracles", action="store_true", help="ask pystack, gdb and ss too")
    parser.add_argument("--pauses", type=int, default=0, help="looks at targets that measure their own pause")
    parser.add_argument(
        "--matrix", action="store_true", help="print a Markdown table of programs and Pythons"
    )
    return parser.parse_args()


def run(
    host: Host, one: Victim, version: str, *, busy: bool, ask: list[oracles.Opinion] | None
) -> Run | None:
    """Look at a program once; None, and a line that says so, where it could not be run at all."""
    listening = Listening(host)
    try:
        with running(pythons()[version], one) as pid:
            began = time.monotonic()
            evidence = look(pid, listening)
            wall = time.monotonic() - began
            if ask is not None:
                ask += oracles.opinions(one, pid)
    except Exception as error:
        print(f"not run: {one.name} on {version}: {error!r}", file=sys.stderr)
        return None
    diagnosis, _, _ = diagnose(evidence)
    found = Run(
        name=one.name,
        python=version,
        busy=busy,
        cause=one.cause,
        judgement=judge(one, diagnosis),
        told=told(evidence, diagnosis),
        wall_s=wall,
        evidence_bytes=len(collectors.unpack(listening.answer)),
        left_as_found=evidence.left_as_found,
        pause_ms=evidence.longest_pause_ms,
    )
    print("." if found.judgement.right else "F", end="", file=sys.stderr, flush=True)
    return found


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep some processes busy meanwhile."""
    started: Sequence[subprocess.Popen[bytes]] = [
        subprocess.Popen((sys.executable, "-c", SPIN)) for _ in range(count)
    ]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
