"""Trigger ids and response URLs live short."""

import pytest

from bot.sandbox.errors import SlackError
from bot.sandbox.tickets import Lease, Responses, Triggers


def test_a_trigger_is_good_for_one_exchange() -> None:
    triggers = Triggers()
    trigger_id = triggers.issue("U1", now=100)
    assert triggers.exchange(trigger_id, now=102.9).user == "U1"
    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        triggers.exchange(trigger_id, now=102.9)


def test_a_trigger_expires_after_three_seconds() -> None:
    triggers = Triggers()
    trigger_id = triggers.issue("U1", now=100)
    with pytest.raises(SlackError, match="expired_trigger_id"):
        triggers.exchange(trigger_id, now=103.1)


def test_a_trigger_that_was_never_given_is_invalid() -> None:
    with pytest.raises(SlackError, match="invalid_trigger_id"):
        Triggers().exchange("1.2.3", now=100)


def test_a_response_url_answers_five_times() -> None:
    responses = Responses()
    key = responses.issue(Lease(user="U1", channel="C1", at=100))
    for _ in range(5):
        responses.use(key, now=101)
    with pytest.raises(SlackError, match="used_url"):
        responses.use(key, now=101)


def test_a_response_url_lives_half_an_hour() -> None:
    responses = Responses()
    key = responses.issue(Lease(user="U1", channel="C1", at=100))
    responses.use(key, now=1899)
    with pytest.raises(SlackError, match="expired_url"):
        responses.use(key, now=1901)
