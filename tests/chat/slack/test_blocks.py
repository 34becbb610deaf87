"""A message as Block Kit has it."""

import pytest

from bot.chat.slack.blocks import blocks
from bot.domain.messages import Context, Line, Link, Message, Paragraph, bold, code, say


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (say("What I can do"), "*What I can do*"),
        (say("Stuck in ", code("total")), "*Stuck in* `total`"),
        (say(bold("shop answers again"), ", watching it"), "*shop answers again*, watching it"),
    ],
)
def test_a_title_is_bold_as_a_whole_unless_a_part_of_it_is(title: Line, shown: str) -> None:
    (section,) = blocks(Message(text="x", title=title), version="v")
    assert section["text"] == {"type": "mrkdwn", "text": shown}


def test_a_link_is_one_in_text_and_in_small_print() -> None:
    line = say("It was ", Link(url="https://chat.invalid/p1", text="INC-12 <a>"), ".")
    paragraph, context = blocks(
        Message(text="x", sections=(Paragraph(line=line), Context(line=line))), version="v"
    )
    assert paragraph["elements"][0]["elements"][1] == {
        "type": "link",
        "url": "https://chat.invalid/p1",
        "text": "INC-12 <a>",
    }
    assert context["elements"][0]["text"] == "It was <https://chat.invalid/p1|INC-12 &lt;a&gt;>."
