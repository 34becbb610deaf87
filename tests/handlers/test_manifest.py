"""What Slack shows while somebody types is what can be typed."""

import yaml

from bot.chat import slack
from handlers import HANDLERS

IDS_ALONE = {
    "confirm",
    "cancel",
    "compare",
}  # answered by buttons; typed, they need an id that only a message shows


def test_the_manifests_hint_names_every_verb_that_people_type() -> None:
    (command,) = yaml.safe_load(slack.manifest())["features"]["slash_commands"]
    assert set(command["usage_hint"].split(" | ")) == set(HANDLERS) - IDS_ALONE
