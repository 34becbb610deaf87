"""A review, planned by people in a workspace: typed, echoed, booked by a button, in the calendar, reminded of."""

import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from tests.chat.slack.running import CONFIG, Bot, in_room, running_bot, started, whispers, written
from tests.clocks import RealClock
from tests.sandbox_process import Sandbox, running_sandbox

ANA, BEN = "U0ANA0000", "U0BEN0000"
OPS = "C0OPS"
WITHIN_S = 60
QUIET = CONFIG.replace("probes: {interval: 2s, retry: 1s}", "probes: off") + "timezone: Europe/Berlin\n"
REMINDED = QUIET + "review: {remind: [90s]}\n"
WORKSPACE = {
    "channels": [{"id": OPS, "name": "ops"}],
    "users": [{"name": "ana"}, {"name": "ben", "tz": "America/New_York"}, {"name": "eve"}],
}
NUMBERS = count(1)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(WORKSPACE) as running:
        yield running


@pytest.fixture(scope="module")
def bot(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(sandbox, tmp_path_factory.mktemp("bot"), QUIET) as running:
        yield running


@pytest.fixture
def key(sandbox: Sandbox, bot: Bot) -> str:
    """Open an incident of the test's own; return what people call it."""
    return opened(sandbox, f"trouble {next(NUMBERS):03}")


def opened(sandbox: Sandbox, title: str) -> str:
    assert sandbox.say("ana", f"/hang incident open {title}")["ok"]

    def look(state: Json) -> str | None:
        found = [
            one for one in in_room(state, OPS) if title in one["text"] and kind(one) == "hangbot_incident"
        ]
        return payload(found[0])["key"] if found else None

    found: str = sandbox.wait_for(look, WITHIN_S)
    return found


def kind(message: Mapping[str, Any]) -> str:
    return str((message.get("metadata") or {}).get("event_type"))


def payload(message: Mapping[str, Any]) -> Json:
    found: Json = (message.get("metadata") or {}).get("event_payload") or {}
    return found


def buttons(message: Mapping[str, Any]) -> dict[str, str]:
    elements = [one for block in message.get("blocks") or () for one in block.get("elements") or ()]
    return {one["action_id"]: one["value"] for one in elements if one.get("type") == "button"}


def echo(sandbox: Sandbox, user: str, line: str, *, place: str = OPS) -> Json:
    """Type it; return the echo, with its buttons."""
    seen = {one["ts"] for one in in_room(sandbox.state(), OPS)}
    assert sandbox.say(user, line, channel="#ops" if place == OPS else place)["ok"]

    def look(state: Json) -> list[Json]:
        rooms = [room for room in state["channels"] if place in (OPS, room["id"]) or room.get("is_im")]
        said = [one for room in rooms for root in room["messages"] for one in (root, *root["replies"])]
        return [one for one in said if "confirm" in buttons(one) and one["ts"] not in seen]

    found: list[Json] = sandbox.wait_for(look, WITHIN_S)
    return found[-1]


def invitations(state: Json, key: str) -> list[Json]:
    return [
        one for one in in_room(state, OPS) if kind(one) == "hangbot_review" and payload(one)["key"] == key
    ]


def files(message: Mapping[str, Any]) -> dict[str, str]:
    """Return the files in a message's thread, by their names."""
    found = [file for reply in message["replies"] for file in reply.get("files") or ()]
    return {file["name"]: file["url_private"] for file in found}


def booked(sandbox: Sandbox, key: str, *, wanted: int = 2) -> Json:
    """Return the invitation once its files are there."""

    def look(state: Json) -> Json | None:
        found = invitations(state, key)
        return found[0] if found and len(files(found[0])) >= wanted else None

    found: Json = sandbox.wait_for(look, WITHIN_S)
    return found


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        content: str = answer.read().decode()
        return content


def at_ten_on_a_working_day() -> datetime:
    """Return ten o'clock in Berlin on the next working day, tomorrow at the earliest: what is said of a weekend is another thing."""
    ten = (
        RealClock()
        .now()
        .astimezone(ZoneInfo("Europe/Berlin"))
        .replace(hour=10, minute=0, second=0, microsecond=0)
    )
    return next(day for ahead in range(1, 4) if (day := ten + timedelta(days=ahead)).weekday() < 5)


@pytest.mark.parametrize("who", ["@ben", f"<@{BEN}>", f"<@{BEN}|ben>"])
def test_a_typed_line_becomes_a_meeting_by_a_button(sandbox: Sandbox, key: str, who: str) -> None:
    before = len(sandbox.violations())
    start = at_ten_on_a_working_day()
    asked = echo(sandbox, "ana", f"/hang review {key} {start:%Y-%m-%d} 10:00 for 30m with {who}")
    assert "10:00–10:30 Europe/Berlin" in asked["text"]
    shown = str(asked["blocks"])
    assert "New York" in shown
    assert "outside working hours" in shown
    assert "ana: " in shown, "nobody else saw what was typed"
    assert set(buttons(asked)) == {"confirm", "other_time", "cancel"}
    assert sandbox.press("ben", asked["ts"], "confirm")["ok"]
    invitation = booked(sandbox, key)
    assert payload(invitation)["status"] == "booked"
    assert f"<@{ANA}>" in invitation["text"]
    assert f"<@{BEN}>" in invitation["text"]
    assert datetime.fromisoformat(payload(invitation)["start"]) == start.astimezone(UTC)
    assert str(int(start.timestamp())) in str(invitation["blocks"]), "a date in each reader's zone"
    there = files(invitation)
    (event,) = icalendar.Calendar.from_ical(fetched(there[f"{key}-review.ics"])).walk("VEVENT")
    assert event["dtstart"].dt == start
    assert {str(one) for one in event["attendee"]} == {"mailto:ana@example.org", "mailto:ben@example.org"}
    assert key in fetched(there[f"report-{key}.md"])
    sandbox.wait_for(
        lambda state: not buttons(next(one for one in in_room(state, OPS) if one["ts"] == asked["ts"])),
        WITHIN_S,
    )
    assert sandbox.violations()[before:] == []


def test_a_double_click_and_a_second_person_book_once(sandbox: Sandbox, key: str) -> None:
    asked = echo(sandbox, "ana", f"/hang review {key} tomorrow 10:00")
    for user in ("ana", "ana", "ben"):
        sandbox.press(user, asked["ts"], "confirm")
    booked(sandbox, key)
    sandbox.wait_for(
        lambda state: (
            any("booked already" in one["text"] for who in (ANA, BEN) for one in whispers(state, OPS, who))
            or not buttons(next(one for one in in_room(state, OPS) if one["ts"] == asked["ts"]))
        ),
        WITHIN_S,
    )
    assert len(invitations(sandbox.state(), key)) == 1


def test_it_is_moved_and_cancelled_in_place(sandbox: Sandbox, key: str) -> None:
    sandbox.press("ana", echo(sandbox, "ana", f"/hang review {key} tomorrow 10:00")["ts"], "confirm")
    booked(sandbox, key)
    day = f"{RealClock().now() + timedelta(days=3):%Y-%m-%d}"
    sandbox.press(
        "ben",
        echo(sandbox, "ben", f"/hang review move {key} {day} 14:00 Europe/Berlin")["ts"],
        "confirm",
    )
    moved = booked(sandbox, key, wanted=3)
    assert payload(moved)["status"] == "moved"
    assert "14:00–14:45 Europe/Berlin" in moved["text"]
    sandbox.press("ana", echo(sandbox, "ana", f"/hang review cancel {key}")["ts"], "confirm")
    over = booked(sandbox, key, wanted=4)
    assert payload(over)["status"] == "cancelled"
    read = [
        icalendar.Calendar.from_ical(fetched(url))
        for name, url in files(over).items()
        if name.endswith(".ics")
    ]
    assert len({str(one.walk("VEVENT")[0]["uid"]) for one in read}) == 1
    assert [one.walk("VEVENT")[0]["sequence"] for one in read] == [0, 1, 2]
    assert len(invitations(sandbox.state(), key)) == 1


def test_a_day_alone_is_asked_about_with_a_button_for_each_time(sandbox: Sandbox, key: str) -> None:
    before = len(whispers(sandbox.state(), OPS, ANA))
    sandbox.say("ana", f"/hang review {key} tomorrow")
    (question,) = sandbox.wait_for(lambda state: whispers(state, OPS, ANA)[before:], WITHIN_S)
    seen = {one["ts"] for one in in_room(sandbox.state(), OPS)}
    assert sandbox.press("ana", question["ts"], "review")["ok"]
    found = sandbox.wait_for(
        lambda state: [
            one for one in in_room(state, OPS) if "confirm" in buttons(one) and one["ts"] not in seen
        ],
        WITHIN_S,
    )
    assert "Europe/Berlin" in found[0]["text"]


def test_what_is_no_time_is_told_to_its_typist_alone(sandbox: Sandbox, key: str) -> None:
    before = len(whispers(sandbox.state(), OPS, ANA))
    public = len(in_room(sandbox.state(), OPS))
    sandbox.say("ana", f"/hang review {key} banana")
    (refused,) = sandbox.wait_for(lambda state: whispers(state, OPS, ANA)[before:], WITHIN_S)
    assert "banana" in refused["text"]
    assert len(in_room(sandbox.state(), OPS)) == public


def test_one_asked_for_in_a_direct_message_is_echoed_there_and_booked_where_all_see_it(
    sandbox: Sandbox, key: str
) -> None:
    asked = echo(sandbox, "eve", f"/hang review {key} tomorrow 10:00", place="@hangbot")
    assert not any(one["ts"] == asked["ts"] for one in in_room(sandbox.state(), OPS))
    assert sandbox.press("eve", asked["ts"], "confirm", channel="@hangbot")["ok"]
    assert payload(booked(sandbox, key))["status"] == "booked"


@pytest.mark.timeout(300)
def test_a_reminder_outlives_the_bot_that_planned_it(tmp_path: Path) -> None:
    with running_sandbox(WORKSPACE) as sandbox:
        bot = started(sandbox, written(tmp_path, REMINDED))
        try:
            key = opened(sandbox, "restarted in between")
            asked = echo(sandbox, "ana", f"/hang review {key} in 3 min with @ben")
            sandbox.press("ana", asked["ts"], "confirm")
            booked(sandbox, key)
            bot.kill()
            bot = started(sandbox, tmp_path / "hangbot.yaml")
            reminders = sandbox.wait_for(lambda state: reminded(state, key), 200)
            assert len(reminders) == 1
            assert f"<@{BEN}>" in reminders[0]["text"]
            assert len(invitations(sandbox.state(), key)) == 1
        finally:
            bot.stop()


def reminded(state: Json, key: str) -> list[Json]:
    return [
        reply for one in invitations(state, key) for reply in one["replies"] if " begins in " in reply["text"]
    ]
