"""A night in which a dozen hosts go at once, as a bot of its own process tells it: once, to the right people, and to its end."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chat.slack.running import Bot, running_bot
from tests.pages.receivers import Receiver, http_receiver
from tests.sandbox_process import Sandbox, running_sandbox

COUNT = 12
SETUP = {
    "channels": [{"id": "C0OPS", "name": "ops"}, {"id": "C0PAY", "name": "pay-ops"}],
    "users": [{"name": "ana"}, {"name": "ben"}, {"name": "eve"}],
}
CONFIG = """
slack: {{channel: "#ops"}}
database: sqlite:///hangbot.db
ssh: {{known_hosts: known_hosts, connect_timeout: 1s}}
hosts:
  here: {{transport: local, services: [ghost], labels: {{team: pay}}}}
{hosts}
services:
  ghost: {{process: "no-such-program-anywhere", start_grace: 1s}}
probes: {{interval: 2s, retry: 1s}}
rules:
  - {{alert: service_down, service: ghost, for: 20s, runbook: "https://wiki.example.org/ghost"}}
  - {{alert: host_unreachable, for: 3s}}
inspect: {{auto: false}}
routes: [{{match: {{team: pay}}, channel: "#pay-ops", oncall: pay}}]
oncall: {{default: {{users: [U0ANA0000]}}, pay: {{users: [U0BEN0000]}}}}
page: {{webhook: "{hook}"}}
escalate: [{{after: 6s, to: U0ANA0000}}]
deadman: {{url: "{hook}", every: 5s}}
access: {{operators: [U0ANA0000, U0BEN0000]}}
"""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with http_receiver() as one:
        yield one


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(SETUP) as running:
        yield running


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    hosts = "\n".join(
        f"  web{n}: {{address: 127.0.0.1, port: {port}, zone: eu}}" for n in range(1, COUNT + 1)
    )
    text = CONFIG.format(hosts=hosts, hook=receiver.url)
    with running_bot(sandbox, tmp_path_factory.mktemp("bot"), text, http="127.0.0.1:0") as running:
        yield running


def wait_for(what: str, look: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"never: {what}")


def alerts(sandbox: Sandbox, channel: str) -> list[dict[str, Any]]:
    return [
        one
        for one in sandbox.messages(channel)
        if (one.get("metadata") or {}).get("event_type") == "hangbot_alert"
    ]


def whole_storm(sandbox: Sandbox) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        told = alerts(sandbox, "ops")
        return told[0] if told and told[0]["text"].startswith(f"WARNING {COUNT} hosts") else None

    found: dict[str, Any] = wait_for("the storm", look)
    return found


def test_a_dozen_hosts_are_one_message_and_the_service_another_team_looks_after_is_theirs(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    storm = whole_storm(sandbox)
    assert len(alerts(sandbox, "ops")) == 1
    assert "all in zone eu, where there is no other" in storm["text"]
    payload = storm["metadata"]["event_payload"]
    assert len(payload["members"]) == COUNT
    assert all(f"web{n}" in storm["text"] for n in range(1, COUNT + 1))

    ghost = wait_for("the ghost", lambda: alerts(sandbox, "pay-ops"))[0]
    assert ghost["text"].startswith("CRITICAL ghost on here down since")
    assert "<@U0BEN0000>" in ghost["text"]
    assert "wiki.example.org/ghost" in str(ghost["blocks"])
    page = wait_for("the page", lambda: [one for one in receiver.got if one["event"] == "trigger"])[0]
    assert (page["alert"], page["host"], page["service"], page["severity"]) == (
        "service_down",
        "here",
        "ghost",
        "critical",
    )
    assert page["id"] == ghost["metadata"]["event_payload"]["id"]
    assert len([one for one in receiver.got if one["event"] == "trigger"]) == 1, "warnings page nobody"

    called = wait_for(
        "ana is called",
        lambda: [
            one["text"]
            for message in alerts(sandbox, "pay-ops")
            for one in message["replies"]
            if "Nobody has acknowledged" in one["text"]
        ],
    )
    assert "<@U0ANA0000>" in called[0]


def test_who_acknowledges_in_the_teams_own_channel_is_told_to_the_pager(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    ghost = wait_for("the ghost", lambda: alerts(sandbox, "pay-ops"))[0]
    sandbox.press("ben", ghost["ts"], "ack", channel="pay-ops")
    wait_for("acknowledged there", lambda: [one for one in receiver.got if one["event"] == "acknowledge"])
    shown = wait_for(
        "acknowledged here",
        lambda: [one for one in alerts(sandbox, "pay-ops") if "Acknowledged by ben" in one["text"]],
    )
    assert shown[0]["metadata"]["event_payload"]["status"] == "acknowledged"


def test_all_of_the_storm_is_acknowledged_with_one_button(bot: Bot, sandbox: Sandbox) -> None:
    storm = whole_storm(sandbox)
    sandbox.press("eve", storm["ts"], "ack")
    shown = wait_for(
        "all acknowledged",
        lambda: [one for one in alerts(sandbox, "ops") if "Acknowledged by eve" in one["text"]],
        90,
    )
    assert shown[0]["ts"] == storm["ts"]
    assert sandbox.violations() == []


def test_who_is_on_call_is_told(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say("eve", "/hang who")
    said = wait_for(
        "who", lambda: [one for one in sandbox.messages("ops") if one["text"].startswith("On call:")]
    )
    shown = str(said[0]["blocks"])
    assert "@ben" in shown
    assert "team pay" in shown
    assert "@ana is called" in shown
    assert "<@U" not in shown, "who asks who is on call wakes nobody"


def test_the_dead_mans_switch_is_fed_while_rounds_are_committed(bot: Bot, receiver: Receiver) -> None:
    before = receiver.asked
    wait_for("one more", lambda: receiver.asked > before, 30)


def test_an_act_is_refused_to_who_only_looks(bot: Bot, sandbox: Sandbox) -> None:
    storm = whole_storm(sandbox)
    sandbox.press("eve", storm["ts"], "silence", value=f"30m|{storm['metadata']['event_payload']['id']}")
    wait_for("refused", lambda: [one for one in sandbox.state()["ephemerals"] if "not silence" in str(one)])
    assert Path(bot.log).exists()
