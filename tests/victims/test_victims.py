"""Every victim is named for what it is, over real SSH; every honest program is left alone.

On the Python that runs the tests; on all other Pythons of this machine: `deploy/test -m campaign tests/victims`.
"""

import sys
from collections.abc import Iterator

import pytest

from bot.diagnosers import diagnose
from bot.hosts.ssh import SshHost
from tests.sshd import running_sshd
from tests.victims.judging import judge, told
from tests.victims.running import look, names, over_ssh, pythons, running, victim

OTHERS = [version for version, path in pythons().items() if path != sys.executable]


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    """One server and one connection for all victims, as the bot has it."""
    with running_sshd(tmp_path_factory.mktemp("victims")) as sshd:
        host = over_ssh(sshd.spec())
        yield host
        host.close()


def named_for_what_it_is(host: SshHost, name: str, python: str) -> None:
    one = victim(name)
    if absent := one.missing_on(python):
        pytest.skip(absent)
    with running(python, one) as pid:
        evidence = look(pid, host)
    diagnosis, _, _ = diagnose(evidence)
    what = told(evidence, diagnosis)
    assert evidence.left_as_found, what
    if one.option("open") and not judge(one, diagnosis).right:
        pytest.xfail(what)
    assert judge(one, diagnosis).right, what


@pytest.mark.parametrize("name", names())
def test_a_program_is_named_for_what_it_is(host: SshHost, name: str) -> None:
    named_for_what_it_is(host, name, sys.executable)


@pytest.mark.campaign
@pytest.mark.parametrize("version", OTHERS)
@pytest.mark.parametrize("name", names())
def test_a_program_is_named_for_what_it_is_on_every_python(host: SshHost, name: str, version: str) -> None:
    named_for_what_it_is(host, name, pythons()[version])
