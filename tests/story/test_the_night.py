"""The whole night in a real browser, on the demo as people start it: the alert comes by itself with the line that hangs,
ana inspects, acknowledges and silences.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import needs_browser, running_browser
from tests.story.running import ALERT_WITHIN_S, Demo, alert, diagnoses, running_demo, wait_for


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("night") / "demo") as running:
        yield running


@pytest.fixture(scope="module")
def told(demo: Demo) -> dict[str, Any]:
    """The alert's message, once its thread holds the diagnosis."""

    def look() -> dict[str, Any] | None:
        message = alert(demo)
        return message if message and diagnoses(message) else None

    found: dict[str, Any] = wait_for("the alert and its diagnosis", look, ALERT_WITHIN_S)
    return found


def test_the_alert_comes_by_itself_and_its_thread_names_the_line(demo: Demo, told: dict[str, Any]) -> None:
    payload = told["metadata"]["event_payload"]
    assert (payload["host"], payload["service"], payload["alert"]) == ("demo1", "shop", "service_silent")
    assert payload["status"] == "firing"
    assert told["text"].startswith("CRITICAL shop on demo1 silent since ")
    found = diagnoses(told)[0]
    assert (found["verdict"], found["cause"]) == ("hung", "infinite_recursion")
    assert found["file"].endswith("/demo1/session.py")
    assert found["function"].rpartition(".")[2] in ("get", "inherited")


def test_nothing_else_is_told(demo: Demo, told: dict[str, Any]) -> None:
    payloads = [
        m["metadata"]["event_payload"]
        for m in demo.messages()
        if m.get("metadata", {}).get("event_type") == "hangbot_alert"
    ]
    assert [payload["host"] for payload in payloads] == ["demo1"]


def test_the_command_line_beside_it_gives_the_same_diagnosis_as_json(
    demo: Demo, told: dict[str, Any]
) -> None:
    done = demo.hangbot("inspect", "demo1", "shop", "--json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["verdict"] == "hung"
    assert document["findings"][0]["cause"] == "infinite_recursion"
    assert document["findings"][0]["culprit"]["file"].endswith("/demo1/session.py")
    assert document["target"]["left_as_found"] is True


def test_probe_beside_it_prints_one_line_for_each_host(demo: Demo, told: dict[str, Any]) -> None:
    done = demo.hangbot("probe", "--json")
    rows = {row["host"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(rows) == {"demo1", "demo2", "here"}
    assert rows["demo1"]["services"]["shop"]["state"] == "silent"
    assert rows["demo2"]["services"]["shop"]["state"] == "answering"
    assert done.returncode == 1


@pytest.mark.browser
@needs_browser
def test_ana_inspects_acknowledges_and_silences_on_the_page(
    demo: Demo, told: dict[str, Any], tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    with running_browser() as browser:
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        page.goto(demo.url)
        card = page.locator("article", has_text="shop on demo1 does not answer").first
        expect(card).to_be_visible(timeout=20_000)
        page.locator("textarea, [contenteditable=true]").first.fill("/hang inspect demo1")
        page.keyboard.press("Enter")
        wait_for("a second diagnosis", lambda: any_inspection_root(demo), 60)
        card.get_by_role("button", name="Acknowledge").click()
        wait_for("acknowledged", lambda: status(demo) == "acknowledged")
        expect(page.get_by_text("acknowledged by").first).to_be_visible(timeout=20_000)
        card.locator("select").first.select_option(label="30 m")
        wait_for(
            "the silence is told in the thread", lambda: any("ana silenced shop" in t for t in threads(demo))
        )
        expect(card.get_by_text("silenced by")).to_be_visible(timeout=20_000)


def any_inspection_root(demo: Demo) -> bool:
    return any(
        m.get("metadata", {}).get("event_type") == "hangbot_inspection" and diagnoses(m)
        for m in demo.messages()
    )


def threads(demo: Demo) -> list[str]:
    return [reply["text"] for message in demo.messages() for reply in message.get("replies", [])]


def status(demo: Demo) -> str:
    message = alert(demo)
    return str(message["metadata"]["event_payload"]["status"]) if message else ""


def test_no_rule_of_slack_was_broken(demo: Demo, told: dict[str, Any]) -> None:
    assert demo.state()["rule_violations"] == []
