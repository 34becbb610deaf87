"""A service that answers on its host and not as users come in, through real servers and a proxy that is gone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.domain.builtin_rules import BUILTIN
from bot.domain.checks import CheckReading, Grade
from bot.domain.evaluation import State, evaluate
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import Fleet, FrontCheck, HostSpec, ServiceSpec, Transport
from bot.flows import checks
from tests.flows.watch.night import night
from tests.hosts import peers
from tests.sshd import free_port
from tests.stores import fresh_store

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def judged(state: ServiceState, grade: Grade | None) -> State:
    (rule,) = (rule for rule in BUILTIN if rule.name == "front_silent")
    front = CheckReading(at=AT, grade=grade, text="502") if grade else None
    reading = ServiceReading(state=state, front=front)
    seen = Observation(host="web1", at=AT, outcome=ProbeOutcome.OK, services={"shop": reading})
    return evaluate(seen, rule, service="shop").state


@pytest.mark.parametrize(
    ("state", "grade", "judgement"),
    [
        (ServiceState.ANSWERING, Grade.CRITICAL, State.BAD),
        (ServiceState.DEGRADED, Grade.CRITICAL, State.BAD),
        (ServiceState.ANSWERING, Grade.OK, State.GOOD),
        (ServiceState.SILENT, Grade.CRITICAL, State.UNKNOWN),
        (ServiceState.DOWN, Grade.OK, State.GOOD),
        (ServiceState.ANSWERING, Grade.UNKNOWN, State.UNKNOWN),
        (ServiceState.ANSWERING, None, State.UNKNOWN),
    ],
)
def test_a_front_is_judged_while_the_service_answers(
    state: ServiceState, grade: Grade | None, judgement: State
) -> None:
    assert judged(state, grade) is judgement


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    with peers.serving(peers.answers("200 OK")) as port:
        file = tmp_path / "hangbot.yaml"
        file.write_text(
            "hosts: {here: {transport: local, services: [shop]}}\n"
            f'services: {{shop: {{http: {{url: "http://127.0.0.1:{port}/"}},'
            f' front: {{url: "http://127.0.0.1:{free_port()}/", from: bot}}}}}}\n'
        )
        yield file


def test_a_probe_tells_both_sides(config: Path) -> None:
    done = CliRunner().invoke(main, ["-c", str(config), "probe", "here", "--json"])
    shop = json.loads(done.stdout)["services"]["shop"]
    assert shop["state"] == "answering"
    assert shop["front"]["state"] == "critical"
    assert "refused" in shop["front"]["text"]
    assert (
        "at its front: the connection is refused"
        in CliRunner().invoke(main, ["-c", str(config), "probe", "here"]).stdout
    )


def test_a_front_is_told_of_one_host_and_asked_from_where_it_says(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    made = night(store)
    shop = ServiceSpec(name="shop", front=FrontCheck(url="http://127.0.0.1:1/", source="web2"))
    hosts = {
        name: HostSpec(name=name, services=("shop",), transport=Transport.LOCAL) for name in ("web1", "web2")
    }
    services = replace(
        made.services,
        settings=replace(made.services.settings, fleet=Fleet(hosts=hosts, services={"shop": shop})),
    )
    assert [one.name for one in checks.fronts_of(hosts["web1"], services)] == ["shop"]
    assert checks.fronts_of(hosts["web2"], services) == []
    store.close()
