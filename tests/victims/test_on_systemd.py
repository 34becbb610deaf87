"""Victims as services of a host with a real systemd, inspected by the name of their unit, the sampler brought along.

`deploy/test -m campaign tests/victims/test_on_systemd.py`; needs root. On the Python of that host, without packages.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot import collectors
from bot.app.parts import SystemClock
from bot.diagnosers import diagnose
from bot.domain.evidence import Evidence
from bot.domain.targets import ServiceSpec
from bot.flows import collect
from bot.hosts.ssh import SshHost
from tests.flows.remediate.programs import until
from tests.systemd import Machine, running_host
from tests.victims.judging import judge, told
from tests.victims.running import MARK, PY_SPY, SETTLES_S, Victim, names, over_ssh, victim

pytestmark = [pytest.mark.campaign, pytest.mark.systemd, pytest.mark.root, pytest.mark.timeout(120)]

ON_THE_OUTSIDE = ("ask", "child", "needs", "resolver", "disk", "open", "cpu", "memory", "crowd")
"""What a victim wants of the one who runs it; such are not services."""
OUTPUT = ("pipe_click",)
"""They hang because nobody reads what they say; the journal does."""
PATIENT = float("inf")
PEER = """import socket
server, kept = socket.create_server(("127.0.0.1", 9999), backlog=50), []
while True:
    kept.append(server.accept())
"""


@dataclass(frozen=True, kw_only=True)
class Stage:
    machine: Machine
    host: SshHost
    sampler: str


def services() -> list[str]:
    alone = [one for one in map(victim, names()) if not any(one.text(word) for word in ON_THE_OUTSIDE)]
    return [one.name for one in alone if one.name not in OUTPUT]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with running_host(tmp_path_factory.mktemp("victims")) as machine:
        machine.write("/opt/peer.py", PEER)
        machine.unit("peer", "[Service]\nExecStart=/usr/bin/python3 /opt/peer.py\n")
        machine.do("systemctl", "start", "peer.service")
        host = over_ssh(machine.spec())
        binary = PY_SPY.read_bytes()
        yield Stage(
            machine=machine,
            host=host,
            sampler=collectors.upload(host, binary, hashlib.sha256(binary).hexdigest()),
        )
        host.close()


def started(machine: Machine, one: Victim) -> ServiceSpec:
    """Install a victim where it stands here too, so that its marks are its own, and start it as a unit."""
    folder = one.program.parent
    files = folder.rglob("*.py") if one.program.name == "main.py" else [one.program]
    for file in files:
        machine.write(str(file), file.read_text())
    unit = one.name.replace("_", "-")
    machine.unit(
        unit,
        f"[Service]\nExecStart=/usr/bin/python3 -u {one.program} 9999\n"
        f"StandardOutput=file:/run/{unit}.out\nStandardError=null\nTimeoutStopSec=1\n",
    )
    machine.do("systemctl", "start", f"{unit}.service")
    until(lambda: "ready" in machine.do("cat", f"/run/{unit}.out", check=False))
    return ServiceSpec(name=one.name, unit=f"{unit}.service")


def look(stage: Stage, service: ServiceSpec, pid: int | None = None) -> Evidence:
    now = datetime.now(UTC)
    return collectors.collect(stage.host, service, pid=pid, mark=MARK, at=now, sampler=stage.sampler)


@pytest.mark.parametrize("name", services())
def test_a_service_is_named_for_what_it_is(stage: Stage, name: str) -> None:
    one = victim(name)
    service = started(stage.machine, one)
    try:
        stage.machine.do("sleep", str(SETTLES_S))
        evidence = collect.of_the_one_that_hangs(
            look(stage, service),
            look=lambda pid: look(stage, service, pid),
            clock=SystemClock(),
            until=PATIENT,
        )
    finally:
        stage.machine.do("systemctl", "kill", "--signal=KILL", str(service.unit), check=False)
        stage.machine.do("systemctl", "stop", str(service.unit), check=False)
    diagnosis, _, _ = diagnose(evidence)
    what = f"{evidence.process.command} of {len(evidence.others) + 1}: {told(evidence, diagnosis)}"
    assert evidence.left_as_found, what
    assert judge(one, diagnosis).right, what
