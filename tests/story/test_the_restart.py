"""A restart in the running demo: from the alert's button, by the command line beside it, and what is told when it does not last."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.story.running import ALERT_WITHIN_S, Demo, alert, diagnoses, running_demo, wait_for


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("restart") / "demo") as running:
        yield running


def acts(demo: Demo) -> list[dict[str, Any]]:
    """Return the messages of acts, wherever they stand."""
    every = [one for message in demo.messages() for one in (message, *message.get("replies", []))]
    return [one for one in every if one.get("metadata", {}).get("event_type") == "hangbot_action"]


def payload(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = message["metadata"]["event_payload"]
    return found


def with_status(demo: Demo, *states: str) -> dict[str, Any] | None:
    return next((one for one in acts(demo) if payload(one)["status"] in states), None)


def hang(demo: Demo) -> None:
    subprocess.run((str(demo.folder / "demo1" / "hang"),), check=True, capture_output=True)


def whispers(demo: Demo, user: str) -> list[str]:
    return [one["message"]["text"] for one in demo.state()["ephemerals"] if one["user"] == user]


def beaten(demo: Demo) -> list[str]:
    """Return what people were told whose yes came second; of two who press at once, either may be read first."""
    pairs = (("U0ANA", "ben"), ("U0BEN", "ana"))
    return [text for user, other in pairs for text in whispers(demo, user) if f"{other} was quicker" in text]


def test_the_button_asks_two_people_press_and_the_shop_answers_until_it_hangs_again(demo: Demo) -> None:
    wait_for("the line", lambda: (found := alert(demo)) and diagnoses(found), ALERT_WITHIN_S)
    card = alert(demo)
    assert card is not None
    demo.press(card["ts"], "restart", user="eve")
    wait_for("eve is refused", lambda: any("not restart shop on demo1" in t for t in whispers(demo, "U0EVE")))
    demo.press(card["ts"], "restart")
    question = wait_for("the question", lambda: with_status(demo, "proposed"), 60)
    assert "/demo1/restart" in question["text"]
    assert "The stacks are saved (ins_" in question["text"]
    assert question["thread_ts"] == card["ts"], "it stands in the alert's thread"
    demo.press(question["ts"], "confirm", user="ben")
    demo.press(question["ts"], "confirm", user="ana")
    wait_for("one hears of the other", lambda: beaten(demo))
    watched = wait_for("it answers again", lambda: with_status(demo, "watched"), 60)
    assert "fresh stacks look idle" in watched["text"]
    assert len(beaten(demo)) == 1, "whose yes was read first is not told that they were too late"

    hang(demo)
    wait_for("the relapse", lambda: with_status(demo, "relapsed"), 60)
    told = wait_for(
        "the reply", lambda: [one["text"] for one in acts(demo) if one["text"].startswith("It lasted ")]
    )
    assert "Same line as before (session.py " in told[0]


def test_the_command_line_beside_it_restarts_verifies_and_leaves_the_watch_to_the_bot(demo: Demo) -> None:
    wait_for("the first hang, which is the demo's own", lambda: alert(demo), ALERT_WITHIN_S)
    hang(demo)
    done = demo.hangbot("restart", "demo1", "shop", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["outcome"] == "verified"
    assert document["command"] == [str(demo.folder / "demo1" / "restart")]
    assert document["before"] != document["after"]
    assert "nobody watches" not in done.stderr
    planned = demo.hangbot("restart", "demo1", "shop", "--json")
    assert planned.returncode == 3, "without --yes it is planned alone"
    assert json.loads(planned.stdout)["action"] != document["action"]


def test_the_demo_has_no_remedy_for_the_machine_itself(demo: Demo) -> None:
    done = demo.hangbot("restart", "here", "shop", "--yes")
    assert done.returncode in (2, 3)
    assert done.stdout == ""


def test_no_rule_of_slack_was_broken(demo: Demo) -> None:
    assert demo.state()["rule_violations"] == []
