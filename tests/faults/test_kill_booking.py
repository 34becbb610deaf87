"""A bot that is killed just after somebody said yes: after its start there is one meeting, with its files once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat.slack.running import in_room, started, written
from tests.chat.slack.test_review import (
    OPS,
    QUIET,
    WORKSPACE,
    Json,
    buttons,
    echo,
    files,
    invitations,
    opened,
)
from tests.sandbox_process import Sandbox, running_sandbox
from tests.stores import leases_end

DELAYS_S = (0.0, 0.15, 0.3, 0.5, 0.8, 1.2)
WITHIN_S = 200


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(WORKSPACE) as running:
        yield running


@pytest.mark.timeout(400)
def test_kills_after_a_yes_leave_one_meeting_each(sandbox: Sandbox, tmp_path: Path) -> None:
    config = written(tmp_path, QUIET)
    asked: dict[str, Json] = {}
    killed: list[int] = []
    bot = started(sandbox, config)
    try:
        for number, delay in enumerate(DELAYS_S):
            key = opened(sandbox, f"trouble {number:03}")
            asked[key] = echo(sandbox, "ana", f"/hang review {key} tomorrow 10:00")
            sandbox.press("ana", asked[key]["ts"], "confirm")
            time.sleep(delay)
            bot.kill()
            killed.append(bot.process.pid)
            bot = started(sandbox, config)
        leases_end(f"sqlite:///{config.with_name('hangbot.db')}", *killed)
        for key, question in asked.items():
            if "confirm" in buttons(_now(sandbox.state(), question)):
                sandbox.press(
                    "ben", question["ts"], "confirm"
                )  # the yes was lost with the bot, or is done already
            sandbox.wait_for(lambda state, key=key: _complete(state, key), WITHIN_S)
        state = sandbox.state()
        for key in asked:
            (invitation,) = invitations(state, key)
            names = [file["name"] for reply in invitation["replies"] for file in reply.get("files") or ()]
            assert sorted(names) == [f"{key}-review.ics", f"report-{key}.md"]
            assert len(invitation["replies"]) == 3, "two files, and what the report is"
        broken = [one for one in state["rule_violations"] if one["error"] != "ratelimited"]
        assert broken == [], "all claims ended at one moment, so the chat had to say how fast"
    finally:
        bot.stop()


def _now(state: Json, question: Json) -> Json:
    return next(one for one in in_room(state, OPS) if one["ts"] == question["ts"])


def _complete(state: Json, key: str) -> bool:
    found = invitations(state, key)
    return bool(found) and len(files(found[0])) >= 2 and len(found[0]["replies"]) >= 3
