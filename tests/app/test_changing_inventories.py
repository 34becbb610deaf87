"""An inventory that changes while the bot runs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.app.inventories import Inventories
from bot.app.parts import Start
from bot.domain.targets import Fleet
from bot.ports import Services
from tests.clocks import QuietTelemetry
from tests.fleets import InThreads
from tests.flows.watch.night import night
from tests.stores import fresh_store

CONFIG = "hosts: {web1: {}}\ninventories: [{file_sd: t.json}]\n"


@dataclass
class Room(InThreads):
    fleets: list[Fleet] = field(default_factory=list)

    def change(self, fleet: Fleet) -> None:
        self.fleets.append(fleet)

    def get(self, name: str) -> None:
        raise NotImplementedError


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    (tmp_path / "hangbot.yaml").write_text(CONFIG)
    store = fresh_store(tmp_path)
    start = Start(config=tmp_path / "hangbot.yaml", verbose=False, environ={})
    yield replace(night(store).services, telemetry=QuietTelemetry(), hosts=Room(), settings=start.settings())
    store.close()


def write(folder: Path, text: str) -> None:
    """Write as editors do: beside it, then in its place."""
    (folder / "t.new").write_text(text)
    os.replace(folder / "t.new", folder / "t.json")  # noqa: PTH105


def test_a_file_that_comes_changes_breaks_and_goes(tmp_path: Path, services: Services) -> None:
    room, telemetry = services.hosts, services.telemetry
    assert isinstance(room, Room)
    assert isinstance(telemetry, QuietTelemetry)
    inventories = Inventories(Start(config=tmp_path / "hangbot.yaml", verbose=False, environ={}), services)
    inventories.look()
    assert room.fleets == []

    write(tmp_path, '[{"targets": ["web2:9100"]}]')
    inventories.look()
    inventories.look()
    assert [set(fleet.hosts) for fleet in room.fleets] == [{"web1", "web2"}]
    assert set(services.settings.fleet.hosts) == {"web1", "web2"}

    write(tmp_path, '[{"targets": ["web2:9100", "web')
    inventories.look()
    inventories.look()
    assert set(services.settings.fleet.hosts) == {"web1", "web2"}
    write(tmp_path, '[{"targets": ["web3:9100"]}]')
    inventories.look()
    assert set(services.settings.fleet.hosts) == {"web1", "web3"}

    (tmp_path / "t.json").unlink()
    inventories.look()
    inventories.look()
    assert set(services.settings.fleet.hosts) == {"web1", "web3"}
    write(tmp_path, "[]")
    inventories.look()
    assert set(services.settings.fleet.hosts) == {"web1"}
    warnings = [str(fields["warning"]) for _, fields in telemetry.events if "warning" in fields]
    assert len(warnings) == 2
    assert "no JSON and no YAML" in warnings[0]
    assert "t.json is gone: its hosts stay" in warnings[1]
