"""What changed about a service, and what is other on a second host: real hosts with systemd, units, etckeeper's repository and releases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import collectors
from bot.collectors import NoProcess
from bot.domain.changes import ChangeKind
from bot.domain.differences import (
    HIDDEN,
    Beside,
    FileBefore,
    KeyDifference,
    Listing,
    Since,
    apart,
    keys_apart,
)
from bot.domain.targets import ServiceSpec
from bot.hosts.ssh import SshHost
from tests.clocks import RealClock
from tests.collectors.shells import MARK, ShellHost
from tests.systemd import Machine, running_host
from tests.victims.running import over_ssh

pytestmark = [pytest.mark.systemd, pytest.mark.root, pytest.mark.timeout(120)]

SHOP = ServiceSpec(name="shop", unit="shop.service")
UNIT = """[Service]
ExecStart=/usr/bin/python3 /srv/shop/current/app.py --config=/etc/shop/settings.yaml
WorkingDirectory=/srv/shop/current
Environment=SESSION_RETRIES={retries}
EnvironmentFile=-/etc/default/shop
"""
BEFORE = "session:\n  retries: 3\n  secret: hunter2\nold: 5\n"
AFTER = "session:\n  retries: 0\n  secret: hunter3\nnew: 60s\n"
KEYS = (
    KeyDifference(key="session.retries", before="3", after="0"),
    KeyDifference(key="session.secret", before=HIDDEN, after=HIDDEN),
    KeyDifference(key="new", before=None, after="60s"),
    KeyDifference(key="old", before="5", after=None),
)
HOUR_S = 3600


@dataclass(frozen=True, kw_only=True)
class Stage:
    machine: Machine
    host: SshHost


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with running_host(tmp_path_factory.mktemp("differences")) as machine:
        app = "import time\ntime.sleep(100000)\n"
        machine.write("/srv/shop/releases/1/app.py", app)
        machine.write("/srv/shop/releases/1/conf/pool.toml", "[pool]\nsize = 8\n")
        machine.write("/srv/shop/releases/1/conf/left.ini", "[a]\nb = 1\n")
        machine.write("/etc/shop/settings.yaml", BEFORE)
        machine.write("/etc/shop/left.yaml", "a: 1\n")
        machine.write("/etc/default/shop", "LEVEL=info\n")
        machine.unit("shop", UNIT.format(retries=3))
        git = "cd /etc && git init -q && chmod 700 .git && git add -f shop default/shop systemd/system/shop.service"
        date = "GIT_COMMITTER_DATE='2 hours ago' GIT_AUTHOR_DATE='2 hours ago'"
        who = "-c user.name=etckeeper -c user.email=root@localhost"
        ago = "$(date -d '2 hours ago' +%s)"
        date = f'GIT_COMMITTER_DATE="{ago} +0000" GIT_AUTHOR_DATE="{ago} +0000"'
        machine.do("sh", "-c", f"{git} && {date} git {who} commit -q -m daily")
        machine.do(
            "sh",
            "-c",
            "find /etc/shop /etc/default/shop /srv/shop /etc/systemd/system/shop.service -exec touch -h -d '3 days ago' {} +",
        )
        machine.do(
            "sh",
            "-c",
            "cp -r /srv/shop/releases/1 /srv/shop/releases/2 && rm /srv/shop/releases/2/conf/left.ini",
        )
        machine.do(
            "sh", "-c", "ln -sfn releases/2 /srv/shop/current && touch -d '3 days ago' /srv/shop/releases/1"
        )
        machine.write("/srv/shop/releases/2/conf/pool.toml", "[pool]\nsize = 4\n")
        machine.write("/etc/shop/settings.yaml", AFTER)
        machine.do("rm", "/etc/shop/left.yaml")
        machine.do("systemctl", "start", "shop.service")
        host = over_ssh(machine.spec())
        yield Stage(machine=machine, host=host)
        host.close()


def since(host: SshHost | ShellHost, service: ServiceSpec = SHOP, *, well_s: float | None = None) -> Since:
    return collectors.since(host, service, mark=MARK, at=RealClock().now(), seconds=86400, well_s=well_s)


def of(found: Since, path: str) -> FileBefore:
    return next(one for one in found.files if one.path == path)


def test_a_setting_is_named_with_what_it_was_by_etckeeper(stage: Stage) -> None:
    file = of(since(stage.host, well_s=HOUR_S), "/etc/shop/settings.yaml")
    assert (file.beside, file.keys) == (Beside.ETCKEEPER, KEYS)
    assert 1.9 < (RealClock().now() - file.at).total_seconds() / HOUR_S < 2.1


def test_what_etckeeper_did_not_know_by_then_is_not_compared_with(stage: Stage) -> None:
    assert not [one for one in since(stage.host, well_s=5 * HOUR_S).files if one.beside is Beside.ETCKEEPER]


def test_a_release_is_laid_beside_the_one_before(stage: Stage) -> None:
    found = since(stage.host)
    file = of(found, "/srv/shop/releases/2/conf/pool.toml")
    assert (file.beside, file.name) == (Beside.RELEASE, "1")
    assert file.keys == (KeyDifference(key="pool.size", before="8", after="4"),)
    assert [(one.name, one.after) for one in found.changes.found if one.kind is ChangeKind.DEPLOY] != []


def test_what_is_gone_is_named(stage: Stage) -> None:
    assert set(since(stage.host, well_s=HOUR_S).gone) == {
        "/etc/shop/left.yaml",
        "/srv/shop/releases/2/conf/left.ini",
    }


def test_no_value_that_may_be_secret_leaves_the_host(stage: Stage) -> None:
    arguments = (MARK, "", "shop.service", "", "86400", "", "3600", "")
    answer = collectors.unpack(stage.host.run(collectors.DIFF, arguments, limit=collectors.LOOK_LIMIT).stdout)
    assert "session.secret" in answer
    assert "hunter" not in answer


def test_a_service_that_is_down_still_tells_what_changed(stage: Stage) -> None:
    stage.machine.do("systemctl", "stop", "shop.service")
    try:
        found = since(stage.host, well_s=HOUR_S)
    finally:
        stage.machine.do("systemctl", "start", "shop.service")
    assert not found.running
    assert of(found, "/etc/shop/settings.yaml").keys == KEYS


def test_a_unit_that_was_edited_and_not_read_again_is_told(stage: Stage) -> None:
    unit = "/etc/systemd/system/shop.service"
    text = stage.machine.do("cat", unit)
    stage.machine.write(unit, text.replace("RETRIES=3", "RETRIES=0"))
    try:
        found = since(stage.host, well_s=HOUR_S)
    finally:
        stage.machine.write(unit, text)
        stage.machine.do("systemctl", "daemon-reload")
    assert found.changes.not_reloaded
    assert of(found, unit).keys == (
        KeyDifference(key="Service.Environment.SESSION_RETRIES", before="3", after="0"),
    )


def test_a_service_that_nobody_knows_there_is_said_so(stage: Stage) -> None:
    with pytest.raises(NoProcess):
        since(stage.host, ServiceSpec(name="none", unit="none.service"))
    with pytest.raises(NoProcess):
        collectors.listing(stage.host, ServiceSpec(name="none", process="no-such-process"), mark=MARK)


def test_what_a_package_brought_and_somebody_edited_is_told(stage: Stage) -> None:
    owned = stage.machine.do("dpkg-query", "-S", "/usr/bin/dbus-daemon").partition(":")[0]
    brought = next(
        line
        for line in stage.machine.do("dpkg-query", "-L", owned).splitlines()
        if line.startswith("/usr/share/doc") and line.endswith("copyright")
    )
    stage.machine.do("sh", "-c", f"echo edited >>{brought}")
    found = since(stage.host, ServiceSpec(name="dbus", unit="dbus.service"))
    assert [(one.path, one.package, one.missing) for one in found.altered if one.path == brought] == [
        (brought, owned, False)
    ]


def test_a_person_who_may_not_read_a_file_gets_what_may_be_read(stage: Stage) -> None:
    host = over_ssh(stage.machine.spec(user="probe", sudo=False))
    try:
        found = since(host, well_s=HOUR_S)
    finally:
        host.close()
    assert [one.beside for one in found.files] == [Beside.RELEASE]
    assert not found.cut_short


# --- beside another host


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[ServiceSpec, ServiceSpec]]:
    """The same program twice on this machine, in two folders."""
    started = []
    for name, text, mode in (("web1", AFTER, "a"), ("web2", BEFORE, "b")):
        folder = tmp_path / name / "app"
        (folder / "conf").mkdir(parents=True)
        (folder / "conf/settings.yaml").write_text(text)
        (folder / "main.py").write_text(f"import time\ntime.sleep(1000)\n# {mode}\n")
        (folder / "same.ini").write_text("[a]\nb = 1\n")
        (folder / f"only_{name}.json").write_text("{}")
        environment = {
            "PATH": os.environ["PATH"],
            "MODE": mode,
            "WORKERS": str(len(name + mode)),
            "KEPT": "same",
        }
        started.append(subprocess.Popen((sys.executable, f"{folder}/main.py"), cwd=folder, env=environment))
    try:
        yield (
            ServiceSpec(name="app", process=f"{tmp_path}/web1/app"),
            ServiceSpec(name="app", process=f"{tmp_path}/web2/app"),
        )
    finally:
        for process in started:
            process.kill()
            process.wait()


def listings(pair: tuple[ServiceSpec, ServiceSpec]) -> list[Listing]:
    return [collectors.listing(ShellHost(), one, mark=MARK) for one in pair]


def test_two_hosts_are_laid_beside_each_other_file_by_file(pair: tuple[ServiceSpec, ServiceSpec]) -> None:
    found = apart(*listings(pair))
    assert found.differing == ("@home/conf/settings.yaml", "@home/main.py")
    assert (found.only_here, found.only_there) == (("@home/only_web1.json",), ("@home/only_web2.json",))
    assert (found.python_packages, found.system_packages) == ((), ())
    assert listings(pair)[0].system_packages["dash"]


def test_settings_are_compared_by_sums_that_are_too_short_to_guess_from(
    pair: tuple[ServiceSpec, ServiceSpec],
) -> None:
    names = ["@home/conf/settings.yaml", "@environment", "@home/none.yaml"]
    here, there = (collectors.keys(ShellHost(), one, names, mark=MARK, salt="salt") for one in pair)
    assert set(here) == {"@home/conf/settings.yaml", "@environment"}
    secret = here["@home/conf/settings.yaml"]["session.secret"]
    assert secret.startswith("#")
    assert len(secret) == 5
    other = collectors.keys(ShellHost(), pair[0], names, mark=MARK, salt="another")
    assert other["@home/conf/settings.yaml"]["session.secret"] != secret, "the salt does not count"
    assert set(keys_apart(here[names[0]], there[names[0]])) == {
        KeyDifference(key="session.retries", before="3", after="0"),
        KeyDifference(key="session.secret", before=HIDDEN, after=HIDDEN),
        KeyDifference(key="new", before=None, after="60s"),
        KeyDifference(key="old", before="5", after=None),
    }
    assert keys_apart(here["@environment"], there["@environment"]) == (
        KeyDifference(key="MODE", before=HIDDEN, after=HIDDEN),
    )
