"""An incident from its first press to its report, over a real socket, against a workspace as strict as Slack."""

from typing import Any
from urllib.parse import urljoin
from urllib.request import urlopen

from tests.chat.slack.running import Bot, Desk, in_room, whispers
from tests.sandbox_process import Sandbox

ANA, BEN, EVE = "U0ANA0000", "U0BEN0000", "U0EVE0000"
WITHIN_S = 60


def root_of(state: dict[str, Any], kind: str) -> dict[str, Any] | None:
    for message in in_room(state, "C0OPS"):
        is_root = message.get("thread_ts", message["ts"]) == message["ts"]
        if is_root and message.get("metadata", {}).get("event_type") == kind:
            return message
    return None


def payload(state: dict[str, Any], kind: str = "hangbot_incident") -> dict[str, Any]:
    found = root_of(state, kind)
    return found["metadata"]["event_payload"] if found else {}


def shown(state: dict[str, Any]) -> str:
    return str(root_of(state, "hangbot_incident"))


def whispered_to(sandbox: Sandbox, who: str, words: str) -> bool:
    return any(words in one["text"] for one in whispers(sandbox.state(), "C0OPS", who))


def test_an_incident_is_opened_once_noted_in_resolved_and_reported(
    sandbox: Sandbox, bot: Bot, desk: Desk
) -> None:
    card = sandbox.wait_for(lambda state: root_of(state, "hangbot_alert"), WITHIN_S)
    alert = card["metadata"]["event_payload"]["id"]
    for user in ("eve", "ana", "ben"):
        assert sandbox.press(user, card["ts"], "incident", value=alert)["ok"]
    sandbox.wait_for(lambda state: payload(state).get("status") == "open", WITHIN_S)
    sandbox.wait_for(lambda _: whispered_to(sandbox, EVE, "You may look, but not incident"), WITHIN_S)
    sandbox.wait_for(
        lambda _: (
            whispered_to(sandbox, BEN, "INC-1 is open for that already")
            or whispered_to(sandbox, ANA, "INC-1 is open for that already")
        ),
        WITHIN_S,
    )
    told = payload(sandbox.state())
    assert (told["key"], told["members"]) == ("INC-1", [alert])
    sandbox.wait_for(lambda state: "INC-1 · service_down" in str(root_of(state, "hangbot_alert")), WITHIN_S)

    root = root_of(sandbox.state(), "hangbot_incident")
    assert root is not None
    note = "@hangbot note the shop is *not* `there` <!channel>"
    assert sandbox.say("eve", note, thread_ts=root["ts"])["ok"]
    sandbox.wait_for(lambda state: ": the shop is *not*" in shown(state), WITHIN_S)

    assert desk.say("/hang timeline #1")["ok"]
    sandbox.wait_for(
        lambda state: [one for one in desk.said(state) if "INC-1 (open)" in one["text"]], WITHIN_S
    )
    assert sandbox.press("ana", root["ts"], "resolve")["ok"]
    sandbox.wait_for(lambda state: payload(state).get("status") == "resolved", WITHIN_S)
    replies = [one["text"] for one in in_room(sandbox.state(), "C0OPS") if one.get("thread_ts") == root["ts"]]
    assert sandbox.wait_for(
        lambda state: "Still firing: ghost on here (down)" in str(in_room(state, "C0OPS")), WITHIN_S
    ), replies

    assert sandbox.press("eve", root["ts"], "report")["ok"]
    files = sandbox.wait_for(
        lambda state: [one for one in state["files"] if one["name"] == "report-INC-1.md"], WITHIN_S
    )
    with urlopen(urljoin(sandbox.url, files[0]["url_private"]), timeout=10) as answer:
        content = answer.read().decode()
    assert content.startswith("# INC-1: ghost on here is not running\n")
    assert "eve: the shop is \\*not\\*" in content
    assert "<!channel>" not in content
    assert sandbox.violations() == []
