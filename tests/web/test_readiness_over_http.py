"""In HTTP mode there is no socket to look at: Slack must have answered lately."""

import pytest

from tests.chat.slack.running import Bot
from tests.sandbox_process import Sandbox
from tests.web.test_readiness import becomes, tells

pytestmark = pytest.mark.parametrize("mode", ["http"], scope="module")


def test_a_revoked_token_is_told_and_a_new_one_taken(bot: Bot, sandbox: Sandbox) -> None:
    becomes(bot, 200)
    sandbox.fault("invalid_auth")
    tells(bot, "chat", "Slack refuses SLACK_BOT_TOKEN (invalid_auth)")
    sandbox.heal()
    becomes(bot, 200)


def test_a_slack_that_does_not_answer_is_told_after_a_while(bot: Bot, sandbox: Sandbox) -> None:
    becomes(bot, 200)
    sandbox.fault("html")
    tells(bot, "chat", "Slack has not answered for")
    sandbox.heal()
    becomes(bot, 200)
