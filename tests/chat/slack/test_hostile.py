"""Whatever is typed, it rings nobody, formats nothing, runs nothing; and it is answered."""

import json
from typing import Any

import pytest

from tests.chat.slack.running import LIVE, Bot, Desk, by_bot
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"], scope="module")

HOSTILE = (
    "<!channel>", "<!here|here>", "<!everyone>", "<!subteam^S0123456>", "*bold* _it_ ~no~ `code` ```fence",
    "; rm -rf /", "$(touch /tmp/owned)", "`id`", "| nc 10.0.0.1 80", "&& reboot", "--help", "-oProxyCommand=id",
    "../../etc/passwd", "x" * 8000, "😀 🔥 👩‍👩‍👧", "\u202egnp.exe\u202c \u0645\u0631\u062d\u0628\u0627", "nul\x00here\x00",
    "\x1b]8;;https://evil\x07here\x1b]8;;\x07", "ｈｅｒｅ", "hеre", "he\u200bre", "<https://evil.example|here>",
    "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "{{7*7}}", "%s%n", "'; DROP TABLE alerts;--",
)  # fmt: skip


def spoken(state: dict[str, Any]) -> str:
    return json.dumps(by_bot(state), ensure_ascii=False)


def test_hostile_lines_are_answered_and_inert(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    lines = [f"/hang {word}" for word in HOSTILE]
    lines += [f"/hang inspect {word}" for word in HOSTILE]
    for number, line in enumerate(lines, start=1):
        answer = desk.say(line)
        assert answer["ok"], (line[:80], answer)
        if number % 10 == 0:  # as fast as a person at most: a burst is another test's
            sandbox.wait_for(lambda state, least=number: answers(state, desk) >= least, 40)
    state = sandbox.wait_for(lambda state: state if answers(state, desk) >= len(lines) else None, 60)
    assert not LIVE.search(spoken(state))


def answers(state: dict[str, Any], desk: Desk) -> int:
    return len(desk.whispers(state)) + len(desk.said(state))


def test_a_hostile_reason_is_told_as_it_was_typed_and_inert(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    reason = "<!channel> *x* `id` <@U0EVE0000> & <b>"
    assert desk.say(f"/hang silence here 1h {reason}")["ok"]
    said = sandbox.wait_for(desk.said, 40)[0]
    assert "<" not in said["text"]
    assert "channel" in said["text"]
    assert not LIVE.search(json.dumps(said))
    assert "'type': 'user'" not in str(said["blocks"])


def test_hostile_mentions_are_answered_and_inert(sandbox: Sandbox, bot: Bot, desk: Desk) -> None:
    root = desk.say("help")["ts"]
    wanted = [word for word in HOSTILE if word.strip()][:12]
    for word in wanted:
        assert desk.say(f"@hangbot {word}", thread_ts=root)["ok"]
    state = sandbox.wait_for(lambda state: state if len(desk.whispers(state)) >= len(wanted) else None, 60)
    assert not LIVE.search(spoken(state))


def test_fifty_lines_at_once_are_all_acknowledged_and_answered(
    sandbox: Sandbox, bot: Bot, desk: Desk
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(25) as pool:
        done = list(pool.map(lambda _: desk.say("/hang help"), range(50)))
    assert all(one["ok"] for one in done), done
    sandbox.wait_for(lambda state: len(desk.whispers(state)) == 50, 60)


def test_no_rule_of_slack_was_broken(sandbox: Sandbox, bot: Bot) -> None:
    assert sandbox.violations() == []
    assert bot.process.poll() is None
