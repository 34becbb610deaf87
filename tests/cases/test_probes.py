"""Samples of hosts as files, and what is read out of them: `probes/<probe>/<case>/`.

`sample.txt` holds sections as the host printed them, each below a line `@@ NAME`; `expected.json` what the probe makes
of them. For `services` and `states`, `service.json` says which service is meant; for `states` also how its health URL
answered, and `expected.json` is what a person is told. For `workers` it is each process with its parent, name, CPU ticks,
the time its main thread wanted a CPU, and its sockets with something unread.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.domain.observations import HttpAnswer
from bot.domain.targets import HttpCheck, ServiceSpec
from bot.probes import PROBES, judge, services

FOLDER = Path(__file__).with_name("probes")
CASES = sorted(path.parent for path in FOLDER.glob("*/*/expected.json"))


def sections(case: Path) -> dict[str, str]:
    parts = f"\n{(case / 'sample.txt').read_text()}".split("\n@@ ")[1:]
    return {name: content.strip("\n") for name, _, content in (part.partition("\n") for part in parts)}


def read(case: Path) -> Any:
    probe = case.parent.name
    if probe in PROBES:
        return PROBES[probe](sections(case))
    described = json.loads((case / "service.json").read_text())
    answer = described.pop("answer", None)
    url = described.pop("http", None)
    spec = ServiceSpec(name="shop", http=HttpCheck(url=url) if url else None, **described)
    found = services.parse(sections(case), spec)
    if probe == "states":
        return list(judge(found, HttpAnswer(**answer) if answer else None, spec))
    if probe == "workers":
        rows = services.workers(sections(case), found)
        return {row.pid: [*row.family, row.ticks, row.wanted_ns, *sorted(row.unread)] for row in rows}
    return json.loads(json.dumps({**asdict(found), "ports": sorted(found.ports)}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_sample_is_read_as_expected(case: Path) -> None:
    assert json.loads(json.dumps(read(case))) == json.loads((case / "expected.json").read_text())


@pytest.mark.parametrize("probe", [*PROBES, "services", "workers"])
def test_every_probe_has_two_cases(probe: str) -> None:
    assert sum(case.parent.name == probe for case in CASES) >= 2


RUBBISH = ["", "\x00\xff", "::: %% -1 nan\n" * 50, "( ) ) (\n=\n==", "9" * 400, "☃ ²"]


@pytest.mark.parametrize("text", RUBBISH)
def test_rubbish_is_no_reading_and_no_crash(text: str) -> None:
    names = (
        "uptime loadavg cores cpu cpu_again cpu_before procs meminfo psi space disks inodes readonly units commands "
        "processes listening sockets turns forked now"
    )
    sections = dict.fromkeys(names.split(), text)
    for parse in PROBES.values():
        parse(sections)
    spec = ServiceSpec(
        name="shop", unit="shop.service", process="shop", http=HttpCheck(url="http://127.0.0.1:1/")
    )
    found = services.parse(sections, spec)
    assert found.pids == ()
    assert services.workers(sections, found) == ()
    assert services.seconds_between(sections, sections) == 0.0
