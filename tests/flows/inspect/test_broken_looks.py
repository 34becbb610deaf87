"""What was seen before a look broke off is kept, and the rest is named as not seen."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.collectors.scripts import EVIDENCE, REMOVE
from bot.domain.diagnosis import Verdict
from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.settings import InspectPolicy, Upload
from bot.domain.targets import HostSpec, Target
from bot.flows import inspect
from bot.ports import Completed, Limit, Script, Services
from tests.collectors.shells import PY_SPY, ShellHost, running
from tests.flows.watch.night import night
from tests.stores import fresh_store


@dataclass
class Breaking:
    """This machine as a host without a sampler, whose connection breaks at the second look."""

    shell: ShellHost = field(default_factory=ShellHost)
    spec: HostSpec = field(default_factory=lambda: HostSpec(name="web1", sudo=False))
    ran: list[str] = field(default_factory=list)

    def get(self, name: str) -> "Breaking":
        return self

    def close(self) -> None: ...

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        self.ran.append(script.name)
        if script is EVIDENCE and self.ran.count(script.name) > 1:
            raise HostFailure(ProbeOutcome.TIMEOUT, "no end after 15 s")
        return self.shell.run(script, args, stdin=stdin, limit=limit)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = fresh_store(tmp_path)
    made = night(store, inspect=InspectPolicy(upload=Upload.AUTO)).services
    yield replace(made, sampler={platform.machine(): PY_SPY.read_bytes()})
    store.close()


def test_a_look_that_breaks_off_keeps_the_process_and_takes_the_sampler_away(
    services: Services, tmp_path: Path
) -> None:
    nowhere = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    host = Breaking(shell=ShellHost(env=nowhere))
    with running("sleeper") as pid:
        found = inspect.inspect(
            Target(host="web1"), replace(services, hosts=host), pid=pid, asked_by_person=True
        )
    assert found.outcome is ProbeOutcome.OK
    assert found.diagnosis.verdict is Verdict.UNKNOWN
    assert found.process is not None
    assert found.process.pid == pid
    assert [clue.code for clue in found.not_seen] == ["look_failed"]
    assert host.ran[-1] == REMOVE.name
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
