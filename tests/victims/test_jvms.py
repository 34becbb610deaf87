"""A JVM's hangs are named by what its own tools print: who holds which lock, how deep it is, what it collects."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Verdict
from tests.victims import jvms
from tests.victims.judging import at, told
from tests.victims.running import look, this_machine

pytestmark = pytest.mark.skipif(jvms.JAVAC is None, reason="takes a JDK")


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return jvms.compiled(tmp_path_factory.mktemp("classes"))


@pytest.fixture
def peer() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("name", jvms.names())
def test_a_program_is_named_for_what_it_is(classes: Path, peer: int, name: str) -> None:
    one = jvms.program(name)
    with jvms.running(one, classes, peer=peer) as pid:
        evidence = look(pid, this_machine())
    diagnosis, _, _ = diagnose(evidence)
    what = told(evidence, diagnosis)
    assert evidence.left_as_found, what
    assert evidence.process.runtime.startswith("java "), what
    if one.cause is None:
        assert diagnosis.verdict is not Verdict.HUNG, what
        return
    assert diagnosis.verdict is Verdict.HUNG, what
    assert diagnosis.findings[0].cause.value == one.cause, what
    if one.culprits:
        assert at(diagnosis.findings[0].culprit) in one.culprits, what
