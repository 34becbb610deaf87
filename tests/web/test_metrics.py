"""Every metric of the contract is there, and fed by what really happens."""

import os
import re
import time
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.observations import ProbeOutcome
from bot.web.metrics import COUNTERS, HISTOGRAMS, Metrics
from tests.chat.slack.running import Bot
from tests.sandbox_process import Sandbox
from tests.web.wire import ask

pytestmark = pytest.mark.parametrize("mode", ["socket", "http"], scope="module")
Samples = dict[str, float]
CONTRACT = (
    "hangbot_probe_rounds_total", "hangbot_probe_duration_seconds_bucket", "hangbot_alerts", "hangbot_outbox_pending",
    "hangbot_chat_posts_total", "hangbot_command_ack_seconds_bucket", "hangbot_scheduler_lag_seconds",
    "hangbot_ssh_connections", "hangbot_inspections_total",
)  # fmt: skip


def scraped(bot: Bot) -> Samples:
    """Return every sample, by its name and labels as they are written."""
    got = ask(bot.web, "/metrics")
    assert (got.status, got.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {
        f"{sample.name}{''.join(f'[{value}]' for value in sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(got.body)
        for sample in family.samples
    }


def until(bot: Bot, true: Callable[[Samples], bool]) -> Samples:
    end = time.monotonic() + 90
    while not true(found := scraped(bot)):
        assert time.monotonic() < end, found
        time.sleep(0.2)
    return found


def test_every_name_of_the_contract_is_there_from_the_start_and_none_is_another_programs(bot: Bot) -> None:
    found = until(bot, lambda samples: "hangbot_outbox_pending" in samples)
    for name in CONTRACT:
        assert any(sample.split("[")[0] == name for sample in found), name
    assert all(sample.startswith("hangbot_") for sample in found)
    assert found["hangbot_ssh_connections"] == 0
    assert found["hangbot_scheduler_lag_seconds"] < 30


def test_no_label_names_a_host(bot: Bot) -> None:
    assert not re.search(r"\bhere\b|ghost", ask(bot.web, "/metrics").body.replace("# HELP", ""))


def test_rounds_are_counted_by_outcome_and_their_time_is_measured(bot: Bot) -> None:
    found = until(bot, lambda samples: samples["hangbot_probe_rounds_total[ok]"] >= 2)
    assert found["hangbot_probe_duration_seconds_count"] >= 2
    assert found["hangbot_probe_duration_seconds_sum"] > 0
    assert found["hangbot_probe_rounds_total[unreachable]"] == 0


def test_an_alert_is_counted_where_it_is_at_and_what_is_said_of_it(bot: Bot, sandbox: Sandbox) -> None:
    until(bot, lambda samples: samples.get("hangbot_alerts[firing]") == 1)
    until(bot, lambda samples: samples["hangbot_chat_posts_total[sent]"] >= 1)
    assert sandbox.say("ana", "/hang ack here")["ok"]
    found = until(bot, lambda samples: samples.get("hangbot_alerts[acknowledged]") == 1)
    assert found["hangbot_alerts[firing]"] == 0


def test_acknowledgements_are_measured(bot: Bot, sandbox: Sandbox) -> None:
    before = scraped(bot)["hangbot_command_ack_seconds_count"]
    for _ in range(3):
        assert sandbox.say("ana", "/hang help")["ok"]
    found = scraped(bot)
    assert found["hangbot_command_ack_seconds_count"] == before + 3
    assert found["hangbot_command_ack_seconds_bucket[3.0]"] == before + 3


def test_an_inspection_is_counted_by_its_cause(bot: Bot, sandbox: Sandbox) -> None:
    assert sandbox.say("ana", f"/hang inspect here pid {os.getpid()}")["ok"]

    def counted(samples: Samples) -> float:
        return sum(value for name, value in samples.items() if name.startswith("hangbot_inspections_total"))

    until(bot, lambda samples: counted(samples) == 1)


def test_what_the_chat_refuses_is_counted_and_what_waits_is_shown(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.fault("invalid_auth", method="chat.postMessage")
    assert sandbox.say("ana", "/hang hosts")["ok"]
    found = until(bot, lambda samples: samples["hangbot_chat_posts_total[closed]"] >= 1)
    assert found["hangbot_outbox_pending"] >= 1
    sandbox.heal()
    until(bot, lambda samples: samples["hangbot_outbox_pending"] == 0)


def test_every_series_of_a_counter_is_there_before_it_is_used(mode: str) -> None:
    text = Metrics().render().decode()
    for outcome in ProbeOutcome:
        assert f'hangbot_probe_rounds_total{{outcome="{outcome}"}} 0.0' in text
    assert all(one.name in text for one in (*COUNTERS.values(), *HISTOGRAMS.values()))
    assert "_created" not in text
