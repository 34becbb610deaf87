"""The socket breaks in every way it can; the bot comes back by itself and runs nothing twice."""

import time
from typing import Any

import pytest

from tests.chat.slack.running import Bot, Desk
from tests.sandbox_process import Sandbox

BREAKS: tuple[dict[str, Any], ...] = (
    {"kind": "disconnect", "seconds": 0.5},
    {"kind": "disconnect", "reason": "warning", "seconds": 0.5},
    {"kind": "close"},
    {"kind": "half_open"},
)
COMES_BACK_WITHIN_S = 40


def typed_until_taken(desk: Desk, line: str) -> int:
    """Type a line again and again, as people do, until the bot takes it; return how often it was typed."""
    end = time.monotonic() + COMES_BACK_WITHIN_S
    for tries in range(1, 1000):
        if desk.say(line)["ok"]:
            return tries
        assert time.monotonic() < end, f"not back within {COMES_BACK_WITHIN_S} s"
        time.sleep(0.3)
    return 0


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: "-".join(map(str, broken.values())))
def test_a_broken_socket_comes_back_and_the_next_command_is_answered_once(
    sandbox: Sandbox, bot: Bot, desk: Desk, broken: dict[str, Any]
) -> None:
    sandbox.fault(**broken)
    typed = typed_until_taken(desk, "/hang hosts")
    sandbox.wait_for(desk.said, 20)
    sandbox.wait_for(lambda state: state["connected"] == 1, COMES_BACK_WITHIN_S)
    typed_until_taken(desk, "/hang status")
    sandbox.wait_for(lambda state: [one for one in desk.said(state) if "well" in one["text"]], 20)
    assert 1 <= len([one for one in desk.said(sandbox.state()) if "I watch" in one["text"]]) <= typed


def test_alerts_go_out_while_the_socket_is_broken(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    assert desk.say("/hang probe here")["ok"]
    sandbox.fault("close")
    said = sandbox.wait_for(desk.said, 20)
    assert "here: down" in said[0]["text"]
    sandbox.wait_for(lambda state: state["connected"] == 1, COMES_BACK_WITHIN_S)


def test_an_outage_of_the_whole_chat_is_survived(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    sandbox.fault("error_500")
    sandbox.fault("close")
    time.sleep(3)
    sandbox.heal()
    typed_until_taken(desk, "/hang probe here")
    sandbox.wait_for(desk.said, 40)


def test_no_rule_of_slack_was_broken(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.violations() == []
    assert bot.process.poll() is None
