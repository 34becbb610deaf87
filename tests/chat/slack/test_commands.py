"""Every verb, typed as people type it, answered by a running bot."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.chat.slack.running import Bot, in_room, whispers
from tests.sandbox_process import Sandbox

ANA, EVE = "U0ANA0000", "U0EVE0000"
WITHIN_S = 40


def shown(message: dict[str, Any]) -> str:
    return f"{message['text']} {message.get('blocks')}"


def told(sandbox: Sandbox, room: str, line: str, *, user: str = "ana") -> dict[str, Any]:
    """Type a line; return the first thing that the bot then says in the channel."""
    assert sandbox.say(user, line, channel=room)["ok"]
    answer: list[dict[str, Any]] = sandbox.wait_for(lambda state: in_room(state, room), WITHIN_S)
    return answer[0]


def whispered(sandbox: Sandbox, room: str, line: str, *, user: str = "ana", who: str = ANA) -> dict[str, Any]:
    """Type a line; return what its typist alone is shown."""
    before = len(whispers(sandbox.state(), room, who))
    assert sandbox.say(user, line, channel=room)["ok"]
    answer: list[dict[str, Any]] = sandbox.wait_for(
        lambda state: whispers(state, room, who)[before:], WITHIN_S
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
    sandbox: Sandbox, bot: Bot, room: str, line: str, says: str
) -> None:
    answer = told(sandbox, room, line)
    assert re.search(says, answer["text"]), answer["text"]
    assert "ana: " in shown(answer)  # nobody else saw what was typed


@pytest.mark.parametrize("line", ["/hang", "/hang help", "/hang HELP", "/hang ?", "/hang help status"])
def test_help_is_shown_to_its_typist_alone(sandbox: Sandbox, bot: Bot, line: str) -> None:
    answer = whispered(sandbox, "C0OPS", line)
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
        ("/hang restart here ghost", "not in this version"),
        ("/hang gibberish", "/hang help"),
    ],
)
def test_what_is_not_understood_is_told_to_its_typist_alone_with_what_to_type(
    sandbox: Sandbox, bot: Bot, line: str, says: str
) -> None:
    before = len(in_room(sandbox.state(), "C0R39"))
    answer = whispered(sandbox, "C0R39", line)
    assert says in answer["text"]
    assert len(in_room(sandbox.state(), "C0R39")) == before


def test_an_inspection_fills_a_thread_of_its_own(sandbox: Sandbox, bot: Bot, room: str) -> None:
    assert sandbox.say("ana", f"/hang inspect here pid {os.getpid()}", channel=room)["ok"]

    def done(state: dict[str, Any]) -> list[dict[str, Any]]:
        said = in_room(state, room)
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
    sandbox: Sandbox, bot: Bot, room: str
) -> None:
    card = sandbox.wait_for(the_alert, 60)
    assert re.match(r"CRITICAL ghost on here down since \d\d:\d\d", card["text"])
    assert sandbox.say("ana", "/hang ack HERE", channel=room)["ok"]

    def acknowledged(state: dict[str, Any]) -> bool:
        now = the_alert(state)
        return bool(now and now["metadata"]["event_payload"]["status"] == "acknowledged")

    sandbox.wait_for(acknowledged, WITHIN_S)
    told(sandbox, room, "/hang silence here 1h")
    assert sandbox.say("ana", "/hang unsilence here", channel=room)["ok"]
    sandbox.wait_for(
        lambda state: [one for one in in_room(state, room) if "ended the silence" in one["text"]], WITHIN_S
    )


@pytest.mark.parametrize("line", ["/hang silence here 1h", "/hang unsilence here"])
def test_who_is_no_operator_is_told_alone_who_may(sandbox: Sandbox, bot: Bot, line: str) -> None:
    answer = whispered(sandbox, "C0R38", line, user="eve", who=EVE)
    assert "You may look, but not" in answer["text"]
    assert all(f"'user_id': '{who}'" in shown(answer) for who in ("U0ANA0000", "U0BEN0000"))
    assert in_room(sandbox.state(), "C0R38") == []


def test_who_is_no_operator_may_look_and_acknowledge_nothing_is_hidden(
    sandbox: Sandbox, bot: Bot, room: str
) -> None:
    assert "here: down" in told(sandbox, room, "/hang probe here", user="eve")["text"]


def test_a_mention_in_a_thread_is_answered_there(sandbox: Sandbox, bot: Bot, room: str) -> None:
    root = sandbox.say("ana", "what is it?", channel=room)["ts"]
    assert sandbox.say("ana", "@hangbot   Probe HERE", channel=room, thread_ts=root)["ok"]

    def replies(state: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in in_room(state, room) if one.get("thread_ts") == root]

    assert "here: down" in sandbox.wait_for(replies, WITHIN_S)[0]["text"]
    assert sandbox.say("ana", "@hangbot statsu", channel=room, thread_ts=root)["ok"]
    alone = sandbox.wait_for(lambda state: whispers(state, room, ANA), WITHIN_S)
    assert "Did you mean" in alone[0]["text"]


def test_a_direct_message_is_answered(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.say("ana", "status", channel="@hangbot")["ok"]

    def answered(state: dict[str, Any]) -> list[dict[str, Any]]:
        rooms = [one for one in state["channels"] if one["is_im"] and one["user"] == ANA]
        return in_room(state, rooms[0]["id"]) if rooms else []

    assert "hosts well" in sandbox.wait_for(answered, WITHIN_S)[0]["text"]


def test_an_envelope_that_comes_twice_runs_its_command_once(sandbox: Sandbox, bot: Bot, room: str) -> None:
    sandbox.fault("duplicate_envelope")
    assert sandbox.say("ana", "/hang hosts", channel=room)["ok"]
    assert sandbox.say("ana", "/hang status", channel=room)["ok"]

    def both(state: dict[str, Any]) -> Any:
        return [one["text"] for one in in_room(state, room) if "well" in one["text"]]

    sandbox.wait_for(both, WITHIN_S)
    sandbox.say("ana", "/hang alerts", channel=room)
    sandbox.wait_for(lambda state: len(in_room(state, room)) >= 3, WITHIN_S)
    assert len([one for one in in_room(sandbox.state(), room) if "I watch" in one["text"]]) == 1


def test_the_home_tab_shows_every_host(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.post("home", user="ana")["ok"]
    find: Callable[[dict[str, Any]], Any] = lambda state: state["home"].get(ANA)  # noqa: E731
    assert "here" in str(sandbox.wait_for(find, WITHIN_S)["blocks"])


def test_no_rule_of_slack_was_broken(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.violations() == []
