"""How it is said that a hang was seen before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.diagnosis import Diagnosis, Inspection, Verdict
from bot.domain.memory import EndedBy, Ending, Seen, Sighting
from bot.domain.messages import flat
from bot.domain.targets import Target
from bot.present import past

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
WEB1, WEB2 = Target(host="web1", service="shop"), Target(host="web2", service="shop")
LAST = Sighting(inspection="ins_1", target=WEB2, at=NOW - timedelta(days=3))
SEEN = Seen(fingerprint="f", times=3, last=LAST, first_at=NOW - timedelta(days=40), hosts=("web2", "web1"))


def said(seen: Seen | None, *also_on: str) -> list[str]:
    found = Inspection(
        id="ins_2", target=WEB1, at=NOW, diagnosis=Diagnosis(verdict=Verdict.HUNG), seen=seen, also_on=also_on
    )
    return [f"{one.label}: {flat(one.line)}" for one in past.sections(found)]


def test_what_is_new_has_no_past() -> None:
    assert said(None) == []


def test_how_often_where_and_when_it_was_seen_is_told() -> None:
    assert said(SEEN) == [
        "Seen before: 3 times since 15 Oct 2026, last 21 Nov 04:00 UTC on web2. What ended it is not known."
    ]
    here = replace(SEEN, times=1, last=replace(LAST, target=WEB1))
    assert said(here) == ["Seen before: once 21 Nov 04:00 UTC. What ended it is not known."]


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending(how=EndedBy.ITSELF, at=NOW), "It ended by itself."),
        (Ending(how=EndedBy.NOTHING, at=NOW, verb="restart", name="ana"), "A restart ana asked for did not help."),
        (Ending(how=EndedBy.ACT, at=NOW, verb="restart", name="ana"), "A restart ana asked for ended it."),
        (Ending(how=EndedBy.ACT, at=NOW, verb="restart", held_s=7200.0), "A restart ended it, for 2 h."),
    ],
    ids=["itself", "nothing", "act", "held"],
)  # fmt: skip
def test_what_ended_it_is_told(ending: Ending, words: str) -> None:
    assert said(replace(SEEN, ended=ending))[0].endswith(f"on web2. {words}")


def test_its_incident_and_where_it_hangs_now_are_told() -> None:
    first, second = said(replace(SEEN, incident="INC-12"), "web3", "web4")
    assert first.endswith("/hang report INC-12 tells of it.")
    linked, _ = said(replace(SEEN, incident="INC-12", link="https://chat.invalid/p1"), "web3", "web4")
    assert linked.endswith("It was INC-12 (https://chat.invalid/p1).")
    assert second == "Also now: the same hangs on web3, web4."
