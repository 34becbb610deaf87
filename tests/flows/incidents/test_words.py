"""Every kind of event in words, with all of its facts and with none."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.messages import flat
from bot.domain.timeline import Entry, EventKind, TimelineEvent
from bot.present.timeline import WORDS, line
from tests.flows.incidents.stage import SHOP
from tests.flows.watch.night import START

ZONE = ZoneInfo("Europe/Berlin")
UNTIL = "2026-11-24T05:00:00+00:00"
ALERT = {"rule": "service_silent", "code": "silent", "severity": "critical"}
LOOK = {"verdict": "hung", "cause": "infinite_recursion", "confidence": 0.97, "file": "/srv/s/session.py", "line": 41,
        "function": "S.inherited", "outcome": "ok"}  # fmt: skip
RESTART = {
    "command": "sudo systemctl restart shop.service",
    "exit": 0,
    "seconds": 1.2,
    "down_s": 4.1,
    "after_pid": 5120,
}


def words(kind: EventKind, facts: dict[str, object], *, by: bool = True, again: int = 0) -> str:
    event = TimelineEvent(
        id="e",
        at=START,
        kind=kind,
        target=SHOP,
        by="U0ANA" if by else "",
        name="ana" if by else "",
        facts=facts,  # type: ignore[arg-type]
    )
    entry = Entry(event=event, again=again, last_at=START + timedelta(minutes=2) if again else None)
    return flat(line(entry, now=START, zone=ZONE))


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (EventKind.FIRST_BAD, ALERT, "first bad sample: shop on web1 does not answer"),
        (EventKind.FIRED, ALERT, "alert: shop on web1 does not answer (service_silent, critical)"),
        (EventKind.FIRED, ALERT | {"told": False}, "alert: shop on web1 does not answer (service_silent, critical) (kept, told to nobody)"),
        (EventKind.REOPENED, ALERT, "shop on web1 is silent again"),
        (EventKind.WORSENED, ALERT, "now critical: shop on web1 does not answer"),
        (EventKind.RESOLVED, ALERT, "shop on web1 answers again"),
        (EventKind.RESOLVED, ALERT | {"since": "2026-11-24T02:58:00+00:00", "good_at": "2026-11-24T03:12:00+00:00"},
         "shop on web1 answers again, after 14 min"),
        (EventKind.ACKNOWLEDGED, {"until": UNTIL}, "@ana acknowledged shop on web1 until 06:00"),
        (EventKind.SILENCED, {"until": UNTIL, "reason": "deploy"}, "@ana silenced shop on web1 until 06:00: deploy"),
        (EventKind.UNSILENCED, {}, "@ana ended the silence of shop on web1"),
        (EventKind.INSPECTED, LOOK, "@ana asked for a look: shop on web1 is stuck in inherited, session.py line 41: endless recursion (sure)"),
        (EventKind.INSPECTED, LOOK | {"verdict": "unknown"}, "@ana asked for a look: no cause to be named for shop on web1"),
        (EventKind.INSPECTED, {"verdict": "healthy", "cause": "idle"}, "@ana asked for a look: shop on web1 is not stuck: waiting for work"),
        (EventKind.INSPECTED, {"outcome": "host_key_changed"}, "@ana asked for a look: shop on web1 could not be looked at (host key changed)"),
        (EventKind.ACT_ASKED, RESTART, "@ana asked for: restart of shop on web1: sudo systemctl restart shop.service"),
        (EventKind.ACT_APPROVED, {}, "@ana said yes to the restart of shop on web1"),
        (EventKind.ACT_CANCELLED, {}, "@ana cancelled the restart of shop on web1"),
        (EventKind.ACT_EXPIRED, {}, "nobody said yes to the restart of shop on web1 in time: nothing was done"),
        (EventKind.ACT_DONE, RESTART, "restart of shop on web1 ended with exit code 0 after 1.2 s: sudo systemctl restart shop.service"),
        (EventKind.ACT_DONE, {}, "restart of shop on web1 ended with an exit code that nobody knows"),
        (EventKind.ACT_VERIFIED, RESTART, "verified: after the restart shop on web1 answers again, 4.1 s away, new process 5120"),
        (EventKind.ACT_NOT_VERIFIED, {"line": "session.py:41"},
         "the restart was done, and shop on web1 still does not answer: stuck at session.py:41 again"),
        (EventKind.ACT_UNKNOWN, {"reason": "never_seen"}, "nobody can tell whether the restart of shop on web1 was done: never seen"),
        (EventKind.ACT_NOT_DONE, {"reason": "changed"}, "the restart of shop on web1 was not done: changed"),
        (EventKind.ACT_HELD, {}, "the restart of shop on web1 held"),
        (EventKind.ACT_RELAPSED, {}, "the restart did not last: shop on web1 fell silent again"),
        (EventKind.NOTED, {"text": "called the vendor"}, "@ana: called the vendor"),
        (EventKind.INCIDENT_OPENED, {"key": "INC-3", "title": "shop"}, "@ana opened INC-3: shop"),
        (EventKind.INCIDENT_RESOLVED, {"key": "INC-3", "text": "done"}, "@ana resolved INC-3: done"),
        (EventKind.REVIEW_BOOKED, {"start": "2026-11-24T09:00:00+00:00"}, "@ana booked the review: 10:00"),
        (EventKind.REVIEW_MOVED, {"start": "2026-11-25T09:00:00+00:00"}, "@ana moved the review: 25 Nov 10:00"),
        (EventKind.REVIEW_CANCELLED, {}, "@ana cancelled the review"),
    ],
)  # fmt: skip
def test_an_event_in_words(kind: EventKind, facts: dict[str, object], said: str) -> None:
    assert words(kind, facts) == said


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {
            "until": "soon",
            "since": 7,
            "good_at": "x",
            "confidence": "much",
            "down_s": "long",
            "start": None,
            "exit": None,
            "line": None,
        },
    ],
    ids=["none", "odd"],
)
def test_no_event_fails_for_want_of_a_fact(kind: EventKind, facts: dict[str, object]) -> None:
    assert words(kind, facts, by=False)


def test_every_kind_has_words() -> None:
    assert set(WORDS) == set(EventKind)


def test_a_look_that_was_repeated_says_how_often() -> None:
    assert words(EventKind.INSPECTED, LOOK, by=False, again=2).endswith(
        "(sure); the same 2 more times, last 04:00:10"
    )
    assert words(EventKind.INSPECTED, LOOK, by=False).startswith("a look: ")
