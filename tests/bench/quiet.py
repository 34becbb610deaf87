"""How quiet a guest the bot is: what a host's sshd logs while it is watched, a login counted apart.

python -m tests.bench.quiet --minutes 60
"""

import argparse
import tempfile
import time
from pathlib import Path

from bot.domain.checks import CheckSpec, Grade
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HttpCheck, ServiceSpec
from bot.probes import check
from tests.clocks import RealClock
from tests.hosts import peers
from tests.hosts.stand import looping, small
from tests.sshd import Sshd, running_sshd

WHOLE_EVERY = 4
CHECKS = (
    CheckSpec(name="clock", kind="clock"),
    CheckSpec(name="port", kind="tcp"),
)


def lines(sshd: Sshd) -> list[str]:
    return [row for row in sshd.log.read_text().splitlines() if row.strip()]


def watched(sshd: Sshd, *, seconds: float, every_s: float) -> tuple[int, int, list[str]]:
    """Watch a host as the bot does; return rounds, checks, and what its sshd logged after the login."""
    rounds = checked = 0
    with peers.serving(peers.answers("200 OK")) as port, looping(sshd.spec()) as host:
        service = ServiceSpec(name="shop", http=HttpCheck(url=f"http://127.0.0.1:{port}/"))
        assert host.sample([service]).outcome is ProbeOutcome.OK
        before, end = lines(sshd), time.monotonic() + seconds
        while time.monotonic() < end:
            rounds += 1
            sample = host.sample([service]) if rounds % WHOLE_EVERY == 0 else small(host, services=[service])
            assert (sample.outcome, sample.answers["shop"].status) == (ProbeOutcome.OK, 200)
            if rounds % 2 == 0:
                for spec in CHECKS:
                    asked = (
                        spec if spec.kind == "clock" else CheckSpec(name="port", kind="tcp", target=str(port))
                    )
                    assert check(host, asked, now=RealClock().now).grade is Grade.OK
                    checked += 1
            time.sleep(every_s)
        return rounds, checked, lines(sshd)[len(before) :]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--every", type=float, default=30.0, help="seconds between two rounds")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_sshd(Path(folder), LogLevel="INFO") as sshd:
        rounds, checked, logged = watched(sshd, seconds=given.minutes * 60, every_s=given.every)
    print(
        f"{given.minutes:g} min: {rounds} rounds, {checked} checks; lines that sshd logged meanwhile: {len(logged)}"
    )
    print("\n".join(logged))


if __name__ == "__main__":
    main()
