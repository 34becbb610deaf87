"""A message as Block Kit has it."""

import pytest

from bot.chat.slack.blocks import blocks
from bot.domain.messages import Line, Message, bold, code, say


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
