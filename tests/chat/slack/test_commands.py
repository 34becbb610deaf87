"""Every verb, typed as people type it, answered by a running bot: in Socket Mode and in HTTP mode alike."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.chat.slack.running import Bot, Desk, in_room, whispers
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"], scope="module")

ANA, EVE = "U0ANA0000", "U0EVE0000"
WITHIN_S = 40


@pytest.fixture(scope="module")
def bot(bot: Bot, sandbox: Sandbox) -> Bot:
    """The bot once its alert stands there: a test that silences the host first would hold it back for the others."""
    sandbox.wait_for(the_alert, 60)
    return bot


def shown(message: dict[str, Any]) -> str:
    return f"{message['text']} {message.get('blocks')}"


def answers(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the bot has said in the alert channel because somebody asked."""
    return [one for one in in_room(state, "C0OPS") if "thread_ts" not in one and one is not the_alert(state)]


def told(desk: Desk, line: str) -> dict[str, Any]:
    """Type a line; return the first thing that the bot then says for all to see."""
    assert desk.say(line)["ok"]
    answer: list[dict[str, Any]] = desk.sandbox.wait_for(desk.said, WITHIN_S)
    return answer[0]


def whispered(sandbox: Sandbox, line: str, *, user: str = "ana", who: str = ANA) -> dict[str, Any]:
    """Type a line in the alert channel; return what its typist alone is shown."""
    before = len(whispers(sandbox.state(), "C0OPS", who))
    assert sandbox.say(user, line)["ok"]
    answer: list[dict[str, Any]] = sandbox.wait_for(
        lambda state: whispers(state, "C0OPS", who)[before:], WITHIN_S
    )
    return answer[0]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/hang status", r"of 1 hosts well"),
        ("/hang status here", r"here"),
        ("/hang hosts", r"I watch 1 host: here"),
        ("/hang alerts", r"fires|firing|down"),
        ("/hang probe here", r"here: down"),
        ("/HANG".lower() + "  STATUS   HERE ", r"here"),
        ("/hang “status” ‘here’", r"here"),
        ("/hang mute here 30m", r"silenced here"),
        ("/hang silence 1h here/ghost because <@U0BEN0000> “works” on it", r"silenced ghost on here"),
    ],
)
def test_a_verb_is_answered_for_all_to_see(
    sandbox: Sandbox, bot: Bot, desk: Desk, line: str, says: str
) -> None:
    answer = told(desk, line)
    assert re.search(says, answer["text"]), answer["text"]
    assert f"{desk.user}: " in shown(answer)  # nobody else saw what was typed


@pytest.mark.parametrize("line", ["/hang", "/hang help", "/hang HELP", "/hang ?", "/hang help status"])
def test_help_is_shown_to_its_typist_alone(sandbox: Sandbox, bot: Bot, line: str) -> None:
    answer = whispered(sandbox, line)
    assert "status" in answer["text"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/hang statsu", "/hang status [HOST]"),
        ("/hang insp", "/hang inspect HOST"),
        ("/hang status hree", "Did you mean here"),
        ("/hang inspect here ghots", "Did you mean ghost"),
        ("/hang probe", "/hang probe HOST"),
        ("/hang silence here", "/hang silence HOST"),
        ("/hang silence here 48h", "24 h at most"),
        ("/hang ack nowhere", "no host"),
        ("/hang restart here ghost", "does not say how to restart"),
        ("/hang gibberish", "/hang help"),
    ],
)
def test_what_is_not_understood_is_told_to_its_typist_alone_with_what_to_type(
    sandbox: Sandbox, bot: Bot, line: str, says: str
) -> None:
    answer = whispered(sandbox, line)
    assert says in answer["text"]
    assert answers(sandbox.state()) == []


def test_an_inspection_fills_a_thread_of_its_own(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    assert desk.say(f"/hang inspect here pid {os.getpid()}")["ok"]

    def done(state: dict[str, Any]) -> list[dict[str, Any]]:
        said = desk.said(state)
        ends = [one for one in said if one.get("metadata", {}).get("event_payload", {}).get("verdict")]
        return ends if len(said) > 1 and not said[0]["text"].startswith("Looking") else []

    ends = sandbox.wait_for(done, 60)
    payload = ends[0]["metadata"]["event_payload"]
    assert (payload["host"], ends[0]["metadata"]["event_type"]) == ("here", "hangbot_inspection")


def the_alert(state: dict[str, Any]) -> dict[str, Any] | None:
    for message in in_room(state, "C0OPS"):
        if message.get("metadata", {}).get("event_type") == "hangbot_alert":
            return message
    return None


def test_an_alert_comes_by_itself_and_is_acknowledged_silenced_and_unsilenced_by_typed_lines(
    sandbox: Sandbox, bot: Bot, desk: Desk
) -> None:
    card = sandbox.wait_for(the_alert, 60)
    assert re.match(r"CRITICAL ghost on here down since \d\d:\d\d", card["text"])
    assert desk.say("/hang ack HERE")["ok"]

    def acknowledged(state: dict[str, Any]) -> bool:
        now = the_alert(state)
        return bool(now and now["metadata"]["event_payload"]["status"] == "acknowledged")

    sandbox.wait_for(acknowledged, WITHIN_S)
    told(desk, "/hang silence here 1h")
    assert desk.say("/hang unsilence here")["ok"]
    sandbox.wait_for(
        lambda state: [one for one in desk.said(state) if "ended the silence" in one["text"]], WITHIN_S
    )


@pytest.mark.parametrize("line", ["/hang silence here 1h", "/hang unsilence here"])
def test_who_is_no_operator_is_told_alone_who_may(sandbox: Sandbox, bot: Bot, line: str) -> None:
    answer = whispered(sandbox, line, user="eve", who=EVE)
    assert "You may look, but not" in answer["text"]
    assert all(f"'user_id': '{who}'" in shown(answer) for who in ("U0ANA0000", "U0BEN0000"))
    assert [one for one in answers(sandbox.state()) if "silence" in one["text"]] == []


def test_who_is_no_operator_may_look(sandbox: Sandbox, bot: Bot) -> None:
    eve = Desk(sandbox=sandbox, user="eve", id=EVE)
    assert "here: down" in told(eve, "/hang probe here")["text"]


def test_a_mention_in_a_thread_is_answered_there(sandbox: Sandbox, bot: Bot) -> None:
    root = sandbox.say("ana", "what is it?")["ts"]
    assert sandbox.say("ana", "@hangbot   Probe HERE", thread_ts=root)["ok"]

    def replies(state: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in in_room(state, "C0OPS") if one.get("thread_ts") == root]

    assert "here: down" in sandbox.wait_for(replies, WITHIN_S)[0]["text"]
    before = len(whispers(sandbox.state(), "C0OPS", ANA))
    assert sandbox.say("ana", "@hangbot statsu", thread_ts=root)["ok"]
    alone = sandbox.wait_for(lambda state: whispers(state, "C0OPS", ANA)[before:], WITHIN_S)
    assert "Did you mean" in alone[0]["text"]
    assert alone[0]["thread_ts"] == root


def test_a_direct_message_is_answered_without_a_slash(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    assert "hosts well" in told(desk, "Status")["text"]


def test_an_envelope_that_comes_twice_runs_its_command_once(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    sandbox.fault("duplicate_envelope")
    assert desk.say("/hang hosts")["ok"]
    assert desk.say("/hang status")["ok"]

    def both(state: dict[str, Any]) -> Any:
        return [one["text"] for one in desk.said(state) if "well" in one["text"]]

    sandbox.wait_for(both, WITHIN_S)
    desk.say("/hang alerts")
    sandbox.wait_for(lambda state: len(desk.said(state)) >= 3, WITHIN_S)
    assert len([one for one in desk.said(sandbox.state()) if "I watch" in one["text"]]) == 1


def test_the_home_tab_shows_every_host(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.post("home", user="ana")["ok"]
    find: Callable[[dict[str, Any]], Any] = lambda state: state["home"].get(ANA)  # noqa: E731
    assert "here" in str(sandbox.wait_for(find, WITHIN_S)["blocks"])


def test_no_rule_of_slack_was_broken(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.violations() == []
