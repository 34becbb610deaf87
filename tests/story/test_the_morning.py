"""The morning in a real browser, on the demo: restart, green, relapse, restart again, incident, report, and the review."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from tests.browser import needs_browser, running_browser
from tests.clocks import RealClock
from tests.story.running import ALERT_WITHIN_S, Demo, alert, diagnoses, hang_again, running_demo, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, needs_browser, pytest.mark.timeout(420)]
SLOW = 30_000
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("morning") / "demo") as running:
        yield running


@pytest.fixture(scope="module")
def page(demo: Demo) -> "Iterator[Page]":
    with running_browser() as browser:
        page = browser.new_page(viewport={"width": 1360, "height": 1000})
        page.goto(demo.url)
        yield page


def typed(page: "Page", line: str) -> None:
    page.locator("textarea, [contenteditable=true]").first.fill(line)
    page.keyboard.press("Enter")


def card(demo: Demo) -> dict[str, Any]:
    found = alert(demo)
    assert found is not None
    return found


def status(demo: Demo) -> str:
    return str(card(demo)["metadata"]["event_payload"]["status"])


def replies(demo: Demo) -> list[dict[str, Any]]:
    replies: list[dict[str, Any]] = card(demo)["replies"]
    return replies


def said(demo: Demo, words: str) -> list[dict[str, Any]]:
    """Return what the bot said to all, roots and replies, with these words in it."""
    every = [one for root in demo.messages() for one in (root, *root.get("replies", []))]
    return [one for one in every if words in json.dumps(one, ensure_ascii=False)]


def root_of(demo: Demo, kind: str) -> dict[str, Any] | None:
    found = [m for m in demo.messages() if m.get("metadata", {}).get("event_type") == kind]
    return found[-1] if found else None


def file_named(demo: Demo, pattern: str) -> str | None:
    """Return the content of the newest file whose name matches."""
    files = [one for one in demo.state()["files"] if re.search(pattern, one["name"])]
    if not files:
        return None
    with urlopen(urljoin(demo.url, files[-1]["url_private"]), timeout=10) as answer:
        content: str = answer.read().decode()
        return content


def test_the_night_and_the_morning(demo: Demo, page: "Page", tmp_path: Path) -> None:
    from playwright.sync_api import expect

    wait_for("the alert and its line", lambda: alert(demo) and diagnoses(card(demo)), ALERT_WITHIN_S)
    on_page = page.locator("article", has_text="shop on demo1").first
    on_page.get_by_role("button", name="Acknowledge").click()
    wait_for("acknowledged", lambda: status(demo) == "acknowledged")
    on_page.get_by_role("button", name="Open incident").click()
    wait_for("the incident", lambda: root_of(demo, "hangbot_incident"))

    # eve may look, and is told who may more
    refused = demo.ask("sandbox/say", {"user": "eve", "channel": "#ops", "text": "/hang restart demo1 shop"})
    assert refused["ok"]
    wait_for(
        "eve is told who may",
        lambda: any("U0ANA" in json.dumps(e) and "U0BEN" in json.dumps(e) for e in whispers(demo, "eve")),
    )

    # the restart: asked in the alert's thread with the exact command, confirmed, verified
    on_page.get_by_role("button", name="Restart…").click()
    wait_for("the plan", lambda: said(demo, "Restart shop on demo1?"))
    on_page.get_by_role("button", name=re.compile("repl")).click()
    plan = page.locator("article", has_text="Restart shop on demo1?").last
    expect(plan).to_contain_text("/demo1/restart", timeout=SLOW)
    plan.get_by_role("button", name="Restart", exact=True).dblclick()
    wait_for("the service answers again", lambda: said(demo, "watching it for 5 min"), 90)
    wait_for("green", lambda: status(demo) == "resolved", 60)
    expect(on_page).to_contain_text("answers again", timeout=SLOW)
    assert restarts(demo) == 1

    # told to hang again while it is watched: a relapse, with the same line
    hang_again(demo)
    relapse = wait_for("the relapse", lambda: said(demo, "Same line as before"), 120)
    assert "session.py" in json.dumps(relapse)
    expect(on_page).to_contain_text("Stuck in inherited", timeout=SLOW)
    typed(page, "/hang restart demo1 shop")
    wait_for("a second plan", lambda: len(said(demo, '"confirm"')) == 1)
    second = page.locator("article", has_text="Restart shop on demo1?").last
    second.get_by_role("button", name="Restart", exact=True).click()
    wait_for("green again", lambda: status(demo) == "resolved", 120)
    assert restarts(demo) == 2

    # the incident fills itself; its report
    typed(page, "/hang note the tea tenant inherits from itself")
    wait_for("the note", lambda: said(demo, "inherits from itself"))
    typed(page, "/hang incident resolve")
    wait_for("over", lambda: payload(demo, "hangbot_incident")["status"] == "resolved")
    typed(page, "/hang report")
    report = wait_for("the report", lambda: file_named(demo, r"\.md$"))
    for words in (
        "session.py",
        "demo1/restart",
        "inherits from itself",
        "ana",
        "How did nobody notice",
        "Which test would have caught this",
        "Which probe, sooner",
    ):
        assert words in report, words

    # the review, booked from chat
    typed(page, "/hang review tomorrow 10:00 for 45m with @ben")
    echo = page.locator("article", has_text="Review of INC-1").last
    expect(echo).to_contain_text("10:00", timeout=SLOW)
    expect(echo).to_contain_text("Europe/Berlin")
    expect(echo).to_contain_text("New York")
    echo.get_by_role("button", name="Book it").dblclick()
    wait_for("the invitation", lambda: root_of(demo, "hangbot_review"))
    ics = wait_for("the .ics", lambda: file_named(demo, r"\.ics$"))
    at_ten(ics)
    wait_for("the report beside it", lambda: len(files(demo, r"\.md$")) >= 2)
    page.screenshot(path=str(tmp_path / "morning.png"), full_page=True)
    assert demo.state()["rule_violations"] == []


def payload(demo: Demo, kind: str) -> dict[str, Any]:
    found = root_of(demo, kind)
    assert found is not None
    event: dict[str, Any] = found["metadata"]["event_payload"]
    return event


def files(demo: Demo, pattern: str) -> list[dict[str, Any]]:
    return [one for one in demo.state()["files"] if re.search(pattern, one["name"])]


def whispers(demo: Demo, user: str) -> list[dict[str, Any]]:
    return [one for one in demo.state()["ephemerals"] if one["user"].lower().endswith(user)]


def restarts(demo: Demo) -> int:
    """Return how often the shop was started, but for the first time."""
    return (demo.folder / "demo1" / "shop.log").read_text().count("listening on") - 1


def at_ten(ics: str) -> None:
    """The meeting is tomorrow at ten in Berlin, for 45 minutes, which is four in New York."""
    from icalendar import Calendar

    calendar = Calendar.from_ical(ics)
    assert calendar["METHOD"] == "REQUEST"
    event = calendar.walk("VEVENT")[0]
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    tomorrow = RealClock().now().astimezone(BERLIN).date() + timedelta(days=1)
    assert start.astimezone(BERLIN).replace(tzinfo=None) == datetime.combine(
        tomorrow, datetime.min.time()
    ).replace(hour=10)
    assert end - start == timedelta(minutes=45)
