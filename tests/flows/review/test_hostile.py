"""Titles and names that would act instead of being read: they ring nobody, break no line and invite nobody."""

import json
from dataclasses import replace

import icalendar
import pytest

from bot.chat.slack.blocks import blocks, text
from bot.domain.reviews import Person
from tests.chat.slack.running import LIVE
from tests.flows.review.planning import Planning, value_of

TITLES = [
    "<!channel> <!here> everybody",
    '"); DROP TABLE reviews; --',
    "line one\r\nATTENDEE:mailto:eve@evil.example\r\nEND:VEVENT",
    "\u202egnitsil\u202c \u200b \x1b[31mred\x07",
    "*bold* _it_ `code` ~gone~ <https://evil.example|shop>",
    "é" * 2000,
    "",
]


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_no_title_acts(plan: Planning, title: str) -> None:
    plan.services.store.commit(incidents=[replace(plan.incident, title=title)])
    eve = plan.services.people.by_id["U0EVE"]  # type: ignore[attr-defined]
    plan.services.people.by_id["U0EVE"] = replace(eve, name="<!channel>\n*eve*")  # type: ignore[attr-defined]
    plan.press("confirm", value_of(plan.echo("review tomorrow 10:00 with @U0EVE"), "confirm"))
    said = [one for one in plan.said() if one.subject.startswith("review")]
    assert len(said) == 3
    for one in said:
        shown = json.dumps(blocks(one.message, version="v"), ensure_ascii=False) + text(one.message)
        assert not LIVE.search(shown), shown
        assert not set(shown) & {"\u202e", "\u200b", "\x1b", "\x07"}
        assert "\n" not in text(one.message)
        assert len(text(one.message)) <= 3000
    (file,) = [one.message.attachment for one in said if one.message.attachment and one.operation == "post"]
    assert file.name == "INC-12-review.ics"
    calendar = icalendar.Calendar.from_ical(file.content)
    assert len(calendar.walk("VEVENT")) == 1
    (event,) = calendar.walk("VEVENT")
    assert "evil" not in str(event.get("attendee"))


def test_a_person_whose_address_is_none_is_invited_without_it(plan: Planning) -> None:
    people = plan.services.people.by_id  # type: ignore[attr-defined]
    people["U0ANA"] = Person(id="U0ANA", name="ana", email="nobody")
    plan.press("confirm", value_of(plan.echo(), "confirm"))
    (file,) = [
        one.message.attachment for one in plan.said() if one.message.attachment and one.operation == "post"
    ]
    (event,) = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert "organizer" not in event
