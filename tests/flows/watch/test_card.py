"""The alert's card in every state, and what is said of each rule."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.alerts import Acknowledgement, Alert, AlertStatus, Culprit, Mending, Severity
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause
from bot.domain.messages import (
    Button,
    Buttons,
    Context,
    FieldRow,
    Menu,
    Message,
    Paragraph,
    Tone,
    flat,
)
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import Target
from bot.present.alert import brief, card
from bot.present.alert_words import CAUSES, span
from tests.flows.watch.night import SHOP, START

NOW = START + timedelta(minutes=14)
FIRING = Alert(
    id="alr_7f3k",
    rule="service_silent",
    target=Target(host="web1", service="shop"),
    status=AlertStatus.FIRING,
    severity=Severity.CRITICAL,
    since=START,
    failures=3,
    fired_at=START,
    last_good_at=START - timedelta(seconds=12),
    last_answer_ms=12.0,
    reasons=(clue("silent", why="http_timeout", unit="active", processes=4, backlog=3),),
    told=True,
    updated_at=NOW,
)
CULPRIT = Culprit(
    inspection="ins_1",
    verdict="hung",
    cause="infinite_recursion",
    confidence=0.9,
    function="inherited",
    file="/srv/shop/session.py",
    line=41,
)
ANA = Acknowledgement(by="U0ANA", name="ana", at=NOW, until=NOW + timedelta(hours=2))
SEEN = Observation(
    host="web1",
    at=NOW,
    outcome=ProbeOutcome.OK,
    services={
        "shop": ServiceReading(
            state=ServiceState.SILENT, reason="http_timeout", pids=(1, 2, 3, 4), unit="active", cpu_cores=0.99
        )
    },
)


def shown(alert: Alert, observation: Observation | None = SEEN) -> Message:
    return card(
        alert,
        observation=observation,
        service=SHOP,
        oncall=("U0ANA",),
        now=NOW,
        zone=ZoneInfo("Europe/Berlin"),
    )


def words(message: Message) -> str:
    found = [flat(message.title)]
    for section in message.sections:
        if isinstance(section, Paragraph | Context):
            found.append(f"{getattr(section, 'label', '')} {flat(section.line)}".strip())
        elif isinstance(section, FieldRow):
            found += [f"{label} {flat(line)}" for label, line in section.fields]
    return "\n".join(found)


def buttons(message: Message) -> dict[str, Button | Menu]:
    return {one.action: one for row in message.sections if isinstance(row, Buttons) for one in row.buttons}


def test_a_firing_card_says_what_where_since_when_and_how_it_was_before() -> None:
    message = shown(FIRING)
    assert message.tone is Tone.CRITICAL
    assert words(message).splitlines() == [
        "shop on web1 does not answer",
        "It runs (unit active, 4 processes), but GET 127.0.0.1:8000/health gets no answer in time. It uses a whole core.",
        "Since 03:58:10",
        "Last answer 12 ms, 03:57:58",
        "Severity critical",
        "On call @U0ANA",
        "service_silent · alr_7f3k · 3 of 3 probes failed",
    ]


def test_every_unresolved_card_carries_the_five_buttons_and_ids_alone_as_values() -> None:
    for alert in (FIRING, replace(FIRING, status=AlertStatus.RECOVERING), replace(FIRING, acknowledged=ANA)):
        found = buttons(shown(alert))
        assert list(found) == ["ack", "inspect", "silence", "restart", "incident"]
        assert {one.value for one in found.values() if isinstance(one, Button)} == {"alr_7f3k"}
        menu = found["silence"]
        assert isinstance(menu, Menu)
        assert [value for _, value in menu.options] == [
            f"{length}|alr_7f3k" for length in ("30m", "2h", "8h", "tomorrow")
        ]


def test_acknowledge_is_the_primary_button_until_somebody_did() -> None:
    assert buttons(shown(FIRING))["ack"].style == "primary"  # type: ignore[union-attr]
    message = shown(replace(FIRING, acknowledged=ANA))
    assert buttons(message)["ack"].style == "default"  # type: ignore[union-attr]
    assert message.tone is Tone.ACKNOWLEDGED
    assert "acknowledged by @ana until 06:12" in words(message)


def test_the_culprit_is_named_and_inspect_becomes_inspect_again() -> None:
    message = shown(replace(FIRING, culprit=CULPRIT))
    assert "Stuck in inherited, session.py line 41: endless recursion" in words(message)
    assert "stuck in inherited (session.py:41)" in message.text
    assert buttons(message)["inspect"].label == "Inspect again"
    assert buttons(shown(FIRING))["inspect"].label == "Inspect"


def test_an_unknown_verdict_is_never_a_headline() -> None:
    message = shown(replace(FIRING, culprit=replace(CULPRIT, verdict="unknown")))
    assert "I cannot name it" in words(message)
    assert "inherited" not in words(message) + message.text


def test_what_is_busy_is_not_called_stuck() -> None:
    message = shown(replace(FIRING, culprit=replace(CULPRIT, verdict="healthy", cause="slow_progress")))
    assert "Not stuck busy, and getting on, in inherited, session.py line 41" in words(message)
    assert "stuck in" not in message.text


def test_every_cause_of_a_hang_has_words() -> None:
    assert set(CAUSES) == {one.value for one in Cause} - {"idle", "slow_progress", "unknown"}


def test_a_resolved_card_says_how_long_it_was_and_offers_a_review() -> None:
    over = replace(
        FIRING, status=AlertStatus.RESOLVED, resolved_at=NOW, turned_at=NOW, acknowledged=ANA, culprit=CULPRIT
    )
    message = shown(over)
    assert message.tone is Tone.GOOD
    assert message.text == "RESOLVED shop on web1 answers again, silent for 14 min (03:58–04:12)."
    assert "silent for 14 min (03:58–04:12); acknowledged by @ana" in words(message)
    assert "Was stuck in inherited" in words(message)
    assert [(one.action, one.label) for one in buttons(message).values()] == [
        ("review", "Plan review"),
        ("noise", "It was noise"),
        ("real", "It was real"),
    ]


def test_a_resolved_card_says_who_restarted_it() -> None:
    mended = Mending(verb="restart", by="U0BEN", name="ben")
    over = replace(FIRING, status=AlertStatus.RESOLVED, turned_at=NOW, acknowledged=ANA, mended=mended)
    assert "(03:58–04:12); restarted by @ben; acknowledged by @ana" in words(shown(over))
    by_ana = replace(over, mended=replace(mended, by=ANA.by, name=ANA.name))
    assert "(03:58–04:12); restarted by @ana" in words(shown(by_ana))
    assert "acknowledged" not in words(shown(by_ana))


def test_a_card_names_the_incident_it_belongs_to_and_keeps_its_buttons_in_their_places() -> None:
    message = shown(replace(FIRING, incident="INC-3"))
    assert "INC-3 · service_silent · alr_7f3k" in words(message)
    assert list(buttons(message)) == ["ack", "inspect", "silence", "restart", "incident"]
    assert buttons(message)["incident"].label == "INC-3"


@pytest.mark.parametrize(
    ("rule", "reason", "text", "sentence"),
    [
        ("service_silent", clue("silent", why="http_503"), "shop on web1 silent", "answers 503"),
        ("service_silent", clue("silent", why="http_refused"), "shop on web1 silent", "is refused"),
        ("service_down", clue("down", unit="failed"), "shop on web1 down", "its unit is failed"),
        ("host_unreachable", clue("unreachable", reason="no route"), "web1 out of sight", "may well be fine"),
        ("host_unreachable", clue("host_key_changed"), "web1 showing another host key", "hangbot trust web1"),
        ("host_unreachable", clue("host_key_unknown"), "enrolled host key", "hangbot trust web1"),
        ("host_unreachable", clue("auth_failed"), "web1 refusing my login", "authorized_keys"),
        (
            "disk_full",
            clue("disk_full", mount="/var", used_ratio=0.98, free_bytes=2.0**30),
            "web1 short of disk",
            "/var is 98.0% used, 1.0 GiB left",
        ),
        (
            "memory_low",
            Clue(code="when", facts={"when": "x < 5%", "mem_available_bytes": 2.0**29}),
            "web1 short of memory",
            "mem_available_bytes is 0.5 GiB",
        ),
        (
            "shop_slow",
            Clue(code="when", facts={"when": "service.answer_ms > 2000", "service.answer_ms": 2314.0}),
            "shop on web1 in shop_slow",
            "service.answer_ms is 2,314",
        ),
    ],
)
def test_each_trouble_has_its_own_words(rule: str, reason: Clue, text: str, sentence: str) -> None:
    target = FIRING.target if rule.startswith(("service", "shop")) else Target(host="web1")
    message = shown(replace(FIRING, rule=rule, target=target, reasons=(reason,)), None)
    assert text in message.text
    assert sentence in words(message)


def test_what_cannot_be_seen_is_not_called_down() -> None:
    alert = replace(
        FIRING,
        rule="host_unreachable",
        severity=Severity.WARNING,
        target=Target(host="web1"),
        reasons=(clue("timeout"),),
    )
    message = shown(alert, None)
    assert message.tone is Tone.BLIND
    assert "down" not in words(message)


def test_a_moment_of_another_day_has_its_date() -> None:
    old = replace(FIRING, since=START - timedelta(days=2))
    assert "silent since 22 Nov 03:58" in shown(old).text


def test_lengths_are_said_as_people_do() -> None:
    lengths = [40, 60, 14 * 60 + 20, 3600, 3 * 3600 + 300, 49 * 3600]
    assert [span(timedelta(seconds=one)) for one in lengths] == [
        "40 s",
        "1 min",
        "14 min",
        "1 h",
        "3 h 5 min",
        "2 days",
    ]


def test_what_recovers_is_listed_as_watched_with_the_time_of_the_trouble() -> None:
    shown = flat(
        brief(replace(FIRING, status=AlertStatus.RECOVERING), now=NOW, zone=ZoneInfo("Europe/Berlin"))
    )
    assert shown == "CRITICAL shop on web1 answers again, watching it; silent since 03:58"
