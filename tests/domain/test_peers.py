"""Who is on the other end of a connection, by the config alone."""

import pytest

from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.peers import Wait, host_at, program, service_at, wait_of
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec

WEB1 = HostSpec(name="web1", address="10.0.0.11", services=("shop",))
DB1 = HostSpec(name="db1", address="10.0.0.5")
FLEET = Fleet(
    hosts={"web1": WEB1, "db1": DB1},
    services={"shop": ServiceSpec(name="shop", http=HttpCheck(url="http://{address}:8000/health"))},
)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("10.0.0.5", DB1),
        ("db1", DB1),
        ("127.0.0.1", WEB1),
        ("::1", WEB1),
        ("127.0.1.1", WEB1),
        ("10.0.0.11", WEB1),
        ("10.9.9.9", None),
    ],
)
def test_an_address_is_a_host_of_the_fleet_or_nobody(address: str, host: HostSpec | None) -> None:
    assert host_at(FLEET, address, seen_from=WEB1) == host


def test_a_service_is_known_by_the_port_of_its_health_url() -> None:
    found = service_at(FLEET, WEB1, 8000)
    assert found is not None
    assert found.name == "shop"
    assert service_at(FLEET, WEB1, 8001) is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/lib/postgresql/15/bin/postgres -D x", "postgres"),
        ("nginx: worker process", "nginx"),
        ("/opt/app/run", "run"),
    ],
)
def test_a_server_is_called_by_what_it_runs(command: str, name: str) -> None:
    assert program([command]) == name


@pytest.mark.parametrize(
    ("peer", "local", "wait"),
    [
        (
            "10.0.0.5:5432",
            "10.0.0.11:40000",
            Wait(address="10.0.0.5", port=5432, local_port=40000, kind="PostgreSQL"),
        ),
        ("[::1]:5432", "[::1]:40000", Wait(address="::1", port=5432, local_port=40000, kind="PostgreSQL")),
        (
            "/run/pg/.s.PGSQL.5433 77",
            "",
            Wait(address="", port=5433, local_port=0, kind="PostgreSQL", end_pid=77),
        ),
        ("/run/other.sock 77", "", None),
    ],
)
def test_what_a_finding_waits_for_is_read_from_its_reasons(peer: str, local: str, wait: Wait | None) -> None:
    because = (clue("waits_for_database", peer=peer, local=local, kind="PostgreSQL"),)
    assert wait_of(Finding(cause=Cause.BLOCKED_DATABASE, confidence=0.9, because=because)) == wait
