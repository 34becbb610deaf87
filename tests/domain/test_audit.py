"""What an audit entry concerns, how it is told in a line, and what a chain proves."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit import GENESIS, AuditEntry, Broken, Flaw, Intact, Link, concerns, seal, verify
from bot.present import audit as words

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ENTRY = AuditEntry(id="aud_1", at=NOW, actor="U1", verb="restart", target="shop on web1", outcome="verified")


def a_chain(length: int, key: bytes | None) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for number in range(1, length + 1):
        name, at, body = f"aud_{number}", NOW.timestamp() + number, f'{{"verb": "ack {number}"}}'
        own = seal(previous, entry=name, at=at, body=body, key=key)
        links.append(Link(number=number, id=name, at=at, body=body, previous=previous, hash=own))
        previous = own
    return links


@pytest.mark.parametrize(
    ("target", "host", "does"),
    [
        ("shop on web1", "web1", True),
        ("shop on web10", "web1", False),
        ("web1", "web1", True),
        ("shop on db.eu-1", "db.eu-1", True),
        ("", "web1", False),
    ],
)
def test_an_entry_concerns_the_host_that_its_target_names(target: str, host: str, does: bool) -> None:
    assert concerns(replace(ENTRY, target=target), host) is does


def test_an_entry_concerns_the_host_of_its_facts() -> None:
    assert concerns(replace(ENTRY, target="", facts={"host": "web1"}), "web1")


def test_an_entry_is_one_line_whatever_was_typed() -> None:
    line = words.line(ENTRY, zone=ZoneInfo("Europe/Berlin"))
    assert line == "2026-11-24 05:00:00+01:00  U1  restart  shop on web1  verified"
    hostile = replace(ENTRY, target="web1\n2026 U2 ack\x1b[2J\u202e", on_behalf_of="U2")
    line = words.line(hostile, zone=ZoneInfo("UTC"))
    assert line.isprintable()
    assert "U1 as U2" in line


@given(st.data(), st.integers(2, 12), st.sampled_from([None, b"key"]))
def test_whatever_is_changed_in_one_place_is_found_there_or_right_after(
    data: st.DataObject, length: int, key: bytes | None
) -> None:
    links = a_chain(length, key)
    assert verify(links, key=key) == Intact(entries=length, head=links[-1].hash, unkeyed=0 if key else length)
    place = data.draw(st.integers(0, length - 1))
    field, value = data.draw(
        st.sampled_from(
            [("body", "{}"), ("id", "aud_x"), ("at", 1.5), ("previous", "f" * 64), ("hash", "f" * 64)]
        )
    )
    spoilt = [*links[:place], replace(links[place], **{field: value}), *links[place + 1 :]]
    assert verify(spoilt, key=key) == Broken(number=place + 1, id=spoilt[place].id, flaw=Flaw.EDITED)
    removed = [*links[:place], *links[place + 1 :]]
    if place < length - 1:
        assert verify(removed, key=key) == Broken(number=place + 2, id=f"aud_{place + 2}", flaw=Flaw.MISSING)
        renumbered = [replace(link, number=number) for number, link in enumerate(removed, 1)]
        assert verify(renumbered, key=key) == Broken(number=place + 1, id=f"aud_{place + 2}", flaw=Flaw.MOVED)
