"""What a process knows stays on its host: no secret of it is in anything that an inspection keeps or shows."""

import json
from collections.abc import Iterator

import pytest

from bot.diagnosers import diagnose
from bot.domain.diagnosis import Inspection
from bot.domain.evidence import Evidence
from bot.domain.targets import Target
from bot.present import diagnosis as words
from tests.collectors.shells import look, running

ARGUMENTS = (
    "--password=swordfish-option",
    "--api-key",
    "swordfish-key",
    "-H",
    "Authorization: Bearer swordfish-argument",
    "redis://:swordfish-redis@cache.example.org/0",
    "mysql://root:swordfish-mysql@db.example.org/shop",
)


@pytest.fixture(scope="module")
def evidence() -> Iterator[Evidence]:
    with running("secretive", *ARGUMENTS, env={"SHOP_PASSWORD": "swordfish-environment"}) as pid:
        yield look(pid)


def inspection(evidence: Evidence) -> Inspection:
    """Conclude as the flow does, but show every line that was read rather than those around the culprit alone."""
    diagnosis, following, more = diagnose(evidence)
    lines = [row for text in evidence.source.values() for row in text.items()]
    return Inspection(
        id="ins_1",
        target=Target(host="here"),
        at=evidence.at,
        diagnosis=diagnosis,
        process=evidence.process,
        not_seen=(*evidence.missing, *more),
        next=following,
        snippet=tuple(lines),
        stacks=evidence.raw,
    )


def test_the_evidence_holds_locals_and_source_to_begin_with(evidence: Evidence) -> None:
    frames = [frame for dump in evidence.dumps for stack in dump.threads for frame in stack.frames]
    assert any({"password", "dsn", "api_key", "client"} <= set(frame.locals) for frame in frames)
    assert any("api_key =" in text for lines in evidence.source.values() for text in lines.values())
    assert "secretive.py" in evidence.process.command


def test_no_secret_is_in_the_evidence(evidence: Evidence) -> None:
    assert "swordfish" not in repr(evidence)


def test_no_secret_is_in_the_document(evidence: Evidence) -> None:
    assert "swordfish" not in json.dumps(words.document(inspection(evidence)))


def test_no_secret_is_in_the_message_or_its_attachment(evidence: Evidence) -> None:
    message = words.message(inspection(evidence))
    assert message.attachment is not None
    assert "connect" in message.attachment.content
    assert "swordfish" not in repr(message)


def test_the_salt_of_the_hashes_is_new_each_time(evidence: Evidence) -> None:
    def hashes(one: Evidence) -> set[str]:
        return {
            frame.locals["dsn"]
            for dump in one.dumps
            for stack in dump.threads
            for frame in stack.frames
            if "dsn" in frame.locals
        }

    with running("secretive", *ARGUMENTS) as pid:
        other = look(pid)
    assert len(hashes(evidence)) == 1
    assert hashes(evidence).isdisjoint(hashes(other))
