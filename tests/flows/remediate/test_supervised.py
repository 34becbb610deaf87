"""A service that supervisord keeps is restarted by supervisord, and verified by the service answering with a new process."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.actions import ActionStatus
from bot.domain.targets import Fleet
from bot.ports import Store
from tests.flows.remediate.programs import SERVICE, Victim, until
from tests.flows.remediate.stage import Stage, scratch, shop, stage
from tests.sshd import free_port, running_sshd
from tests.supervised import supervised


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    made = scratch(tmp_path, free_port())
    (made.folder / "service.py").write_text(SERVICE)
    made.next()
    return made


@pytest.fixture
def bot(store: Store, victim: Victim, tmp_path: Path) -> Iterator[Stage]:
    command = (
        f"command={sys.executable} {victim.folder}/service.py {victim.folder} {victim.port}\nstartsecs=0"
    )
    with (
        supervised(tmp_path, {"shop": command}) as tools,
        running_sshd(tmp_path, SetEnv=f"PATH={tools}:/usr/bin:/bin") as sshd,
    ):
        until(lambda: (victim.folder / "pid").exists() and victim.pid > 0)
        made = stage(store, victim, sshd.spec(services=("shop",), sudo=False))
        service = shop(victim, restart=None, supervisor="shop")
        host = next(iter(made.services.settings.fleet.hosts.values()))
        made = made.with_settings(fleet=Fleet(hosts={host.name: host}, services={"shop": service}))
        yield made
        made.services.hosts.close()
        assert made.services.telemetry.failures == []  # type: ignore[attr-defined]


def test_supervisord_restarts_it_and_the_new_process_answers(bot: Stage) -> None:
    before = bot.victim.pid
    bot.confirmed(hurried=False)
    assert bot.action.command == ("supervisorctl", "restart", "shop")
    watched = bot.work()
    assert watched.status is ActionStatus.WATCHED
    assert watched.after is not None
    assert watched.after.pid == bot.victim.pid != before


def test_a_name_that_supervisord_does_not_know_is_told_in_its_words(bot: Stage) -> None:
    fleet = bot.services.settings.fleet
    service = shop(bot.victim, restart=None, supervisor="shpo")
    bot = bot.with_settings(fleet=Fleet(hosts=fleet.hosts, services={"shop": service}))
    before = bot.victim.pid
    bot.confirmed(hurried=False)
    end = bot.work()
    assert end.status in (ActionStatus.NOT_DONE, ActionStatus.NOT_VERIFIED)
    assert "no such process" in end.output
    assert any("no such process" in str(one.message.sections) for one in bot.said())
    assert bot.victim.pid == before
