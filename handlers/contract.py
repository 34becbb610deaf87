"""What a handler is."""

from collections.abc import Callable

from bot.domain.invocations import Invocation, Reply
from bot.ports import Services

Handler = Callable[[Invocation, Services], Reply]
"""Reads the arguments, calls a flow, says what to answer. Raises a Refusal for what is not done; knows nothing of Slack."""
