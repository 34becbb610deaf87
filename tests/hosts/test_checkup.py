"""What the doctor says of real hosts: a plain sshd, and a host with systemd, sudo and users of its own."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.checkups import Check, CheckState, Checkup
from bot.domain.settings import InspectPolicy, Settings, Upload
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec, Transport
from bot.flows import doctor
from bot.hosts import open_hosts
from bot.hosts.sampler import Samplers
from bot.ports import Services
from bot.present import doctor as words
from tests.clocks import QuietTelemetry, RealClock
from tests.flows.watch.night import CountedIds, NoChat
from tests.sshd import Sshd, free_port, running_sshd
from tests.stores import fresh_store
from tests.systemd import Machine, running_host

SHOP = ServiceSpec(name="shop", process="sleep 61234")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("doctor")) as server:
        yield server


@pytest.fixture
def shop() -> Iterator[None]:
    process = subprocess.Popen(["sleep", "61234"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def examined(folder: Path, spec: HostSpec, *services: ServiceSpec, upload: Upload = Upload.ASK) -> Checkup:
    fleet = Fleet(
        hosts={spec.name: replace(spec, services=tuple(one.name for one in services))},
        services={one.name: one for one in services},
    )
    clock, telemetry, store = RealClock(), QuietTelemetry(), fresh_store(folder)
    hosts = open_hosts(fleet, clock=clock, telemetry=telemetry, resident=True)
    built = Services(
        settings=Settings(fleet=fleet, inspect=InspectPolicy(upload=upload)),
        clock=clock,
        ids=CountedIds(),
        hosts=hosts,
        store=store,
        chat=NoChat(),
        telemetry=telemetry,
        sampler=Samplers(),
    )
    try:
        found = doctor.host(fleet.hosts[spec.name], built)
    finally:
        hosts.close()
        store.close()
    assert telemetry.failures == []
    assert words.text(found)
    assert words.message([found]).text
    return found


def one(found: Checkup, name: str) -> Check:
    (check,) = (check for check in found.checks if check.name == name)
    return check


def faults(found: Checkup) -> list[str]:
    return [check.said.code for check in found.checks if check.state is CheckState.FAULT]


@pytest.mark.usefixtures("shop")
def test_a_host_that_is_well_has_nothing_to_mend(sshd: Sshd, tmp_path: Path) -> None:
    found = examined(tmp_path, sshd.spec(), SHOP)
    assert faults(found) == []
    assert one(found, "reach").said.facts["place"] == f"{sshd.user}@{sshd.address}:{sshd.port}"
    assert one(found, "way").said.code == "doctor_way_loop"
    assert one(found, "clock").said.facts["seconds"] == pytest.approx(0, abs=0.5)
    assert one(found, "service").said.facts["state"] == "answering"


def test_this_machine_itself_is_examined_as_well(tmp_path: Path) -> None:
    found = examined(tmp_path, HostSpec(name="here", transport=Transport.LOCAL))
    assert one(found, "reach").said.code == "doctor_local"
    assert one(found, "way").said.code == "doctor_way_local"


def test_what_is_in_the_way_is_named_with_what_to_type(sshd: Sshd, tmp_path: Path) -> None:
    closed = examined(tmp_path, sshd.spec(port=free_port()))
    assert closed.checks[0].said.facts["outcome"] == "unreachable"
    unknown = examined(tmp_path, sshd.spec(known_hosts=str(tmp_path / "none")))
    assert unknown.checks[0].mend is not None
    assert words.sentence(unknown.checks[0].mend) == "hangbot trust web1"
    stranger = examined(tmp_path, sshd.spec(user="nobody-here"))
    assert stranger.checks[0].mend is not None
    assert "authorized_keys" in words.sentence(stranger.checks[0].mend)
    assert not any(found.is_well for found in (closed, unknown, stranger))


def test_an_odd_server_is_told_to_be_asked_by_commands(tmp_path: Path) -> None:
    with running_sshd(tmp_path, Ciphers="aes128-ctr", MACs="hmac-sha2-256") as server:
        way = one(examined(tmp_path, server.spec()), "way")
    assert (way.state, way.said.code) == (CheckState.NOTE, "doctor_way_hidden_lengths")
    assert way.mend is not None


def test_a_service_that_nothing_shows_is_a_fault(sshd: Sshd, tmp_path: Path) -> None:
    found = examined(
        tmp_path,
        sshd.spec(),
        ServiceSpec(name="gone", process="no-such-process-anywhere"),
        ServiceSpec(name="web", unit="no-such.service"),
    )
    assert "doctor_no_process" in faults(found)
    assert {"doctor_no_unit", "doctor_no_systemd"} & set(faults(found))


def test_without_any_sampler_it_says_so(sshd: Sshd, tmp_path: Path) -> None:
    never = one(examined(tmp_path, sshd.spec(), upload=Upload.NEVER), "sampler")
    assert (never.state, never.said.code) in (
        (CheckState.NOTE, "doctor_sampler_never"), (CheckState.OK, "doctor_sampler"),
    )  # fmt: skip


# --- a host with users


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_host(tmp_path_factory.mktemp("systemd")) as running:
        running.unit("app", "[Service]\nExecStart=/usr/bin/python3 -m http.server 8080\nStandardError=null\n")
        running.do("systemctl", "start", "app.service", check=False)
        yield running


APP = ServiceSpec(name="app", unit="app.service", http=HttpCheck(url="http://127.0.0.1:8080/"))


def test_an_account_without_rights_is_told_what_to_write(machine: Machine, tmp_path: Path) -> None:
    found = examined(tmp_path, machine.spec(user="probe"), APP)
    sudo, trace = one(found, "sudo"), one(found, "trace")
    assert (sudo.state, trace.state) == (CheckState.FAULT, CheckState.FAULT)
    assert trace.said.facts["owner"] == "root"
    assert sudo.mend is not None
    line = words.sentence(sudo.mend).partition("'")[2].partition("'")[0]
    machine.write("/etc/sudoers.d/hangbot", line + "\n")
    machine.do("chmod", "440", "/etc/sudoers.d/hangbot")
    try:
        found = examined(tmp_path, machine.spec(user="probe"), APP)
    finally:
        machine.do("rm", "/etc/sudoers.d/hangbot")
    assert one(found, "sudo").said.code == "doctor_sudo"
    assert one(found, "trace").state is CheckState.OK


def test_a_clock_that_is_wrong_is_a_fault(machine: Machine, tmp_path: Path) -> None:
    """Its `date` is one of our own: the machine's clock is everybody's."""
    machine.write("/usr/local/bin/date", '#!/bin/sh\nexec /bin/date -d "-90 seconds" "$@"\n')
    machine.do("chmod", "755", "/usr/local/bin/date")
    try:
        clock = one(examined(tmp_path, machine.spec(), APP), "clock")
    finally:
        machine.do("rm", "/usr/local/bin/date")
    assert clock.state is CheckState.FAULT
    assert clock.said.code == "doctor_clock_behind"
    assert clock.said.facts["seconds"] == pytest.approx(90, abs=3)


def test_an_unknown_unit_is_told_apart_from_one_that_is_down(machine: Machine, tmp_path: Path) -> None:
    found = examined(tmp_path, machine.spec(), ServiceSpec(name="web", unit="wbe.service"), APP)
    assert set(faults(found)) - {"doctor_journal_closed"} == {
        "doctor_no_unit"
    }  # nobody keeps a journal there
