"""Whatever the chat does to us, each thing is said once, in order, and nothing is forgotten."""

from collections.abc import Callable

import pytest

from bot.chat.slack.send import SlackOut, make_client
from bot.domain.messages import Operation
from tests.flows.deliver.stage import Stage
from tests.sandbox_process import BOT_TOKEN

ALWAYS = ("drop", "error_500", "html", "empty")


def test_an_answer_that_is_lost_after_the_message_was_stored_doubles_nothing(out: Stage) -> None:
    out.sandbox.fault("store_then_drop")
    out.put("one")
    assert out.deliver() == 0
    assert out.texts() == ["one"]
    assert out.later(2) == 1
    assert out.texts() == ["one"]
    assert out.store.pending_notifications() == 0


def test_half_an_answer_doubles_nothing(out: Stage) -> None:
    out.sandbox.fault("truncate")
    out.put("one")
    out.deliver()
    out.drain()
    assert out.texts() == ["one"]


def test_a_reply_whose_answer_is_lost_is_found_in_its_thread(out: Stage) -> None:
    out.put("root")
    out.deliver()
    out.sandbox.fault("store_then_drop")
    out.put("reply", Operation.REPLY)
    out.deliver()
    out.drain()
    assert out.threads() == [("root", ["reply"])]


@pytest.mark.parametrize("kind", ALWAYS)
def test_an_outage_loses_and_doubles_nothing_and_keeps_the_order_of_an_alert(out: Stage, kind: str) -> None:
    out.put("root")
    out.put("first", Operation.REPLY)
    out.put("second", Operation.REPLY)
    out.put("other", subject="alert:alr_2")
    out.sandbox.fault(kind)
    for _ in range(4):
        out.later(31)
    assert out.texts() == []
    assert out.store.pending_notifications() == 4
    out.sandbox.heal()
    out.drain(seconds=31)
    assert sorted(out.threads()) == [("other", []), ("root", ["first", "second"])]


def test_a_slow_answer_is_waited_for(out: Stage) -> None:
    out.sandbox.fault("slow", seconds=1.5, count=1)
    out.put("one")
    assert out.deliver() == 1
    assert out.texts() == ["one"]


def test_a_message_that_lands_after_we_gave_up_waiting_is_not_said_again(
    out: Stage, until: Callable[..., None]
) -> None:
    impatient = make_client(BOT_TOKEN, out.sandbox.api_url)
    impatient.timeout = 1
    out.chat = SlackOut(impatient)
    out.sandbox.fault("slow", method="chat.postMessage", seconds=2.5, count=1)
    out.put("one")
    assert out.deliver() == 0
    assert out.later(5) == 0  # it is under way still
    until(lambda: out.texts() == ["one"], seconds=10)
    assert out.later(6) == 1
    assert out.texts() == ["one"]


def test_a_message_is_looked_for_even_when_its_channel_was_gone_meanwhile(out: Stage) -> None:
    out.sandbox.fault("store_then_drop")
    out.put("one")
    out.deliver()
    out.sandbox.fault("channel_not_found")
    out.later(31)
    out.sandbox.heal()
    out.drain(seconds=31)
    assert out.texts() == ["one"]


def test_a_revoked_token_keeps_the_queue_and_a_new_one_drains_it(out: Stage) -> None:
    for number in range(3):
        out.put(f"m{number}", subject=f"alert:{number}")
    out.sandbox.fault("invalid_auth")
    for _ in range(12):
        out.later(16)
    assert out.store.pending_notifications() == 3
    out.sandbox.heal()
    out.drain()
    assert sorted(out.texts()) == ["m0", "m1", "m2"]


def test_a_lost_channel_keeps_the_queue(out: Stage) -> None:
    out.put("root")
    out.put("reply", Operation.REPLY)
    out.sandbox.fault("channel_not_found")
    for _ in range(15):
        out.later(31)
    assert out.store.pending_notifications() == 2
    out.sandbox.heal()
    out.drain(seconds=31)
    assert out.threads() == [("root", ["reply"])]


def test_what_its_own_channel_refuses_is_told_in_the_alert_channel_once(out: Stage) -> None:
    out.put("root", channel="C0GONE")
    out.put("edited", Operation.EDIT, channel="C0GONE")
    out.put("reply", Operation.REPLY, channel="C0GONE")
    out.drain()
    assert out.threads() == [("edited", ["reply"])]
    assert "which I cannot write to" not in out.texts()[0]


def test_a_message_for_a_lost_channel_says_where_it_was_meant_for(out: Stage) -> None:
    out.put("root", channel="C0GONE")
    out.drain()
    assert out.texts() == ["root"]
    assert "C0GONE" in str(out.messages()[0]["blocks"])


def test_after_a_pause_one_refusal_is_no_reason_to_give_up(out: Stage) -> None:
    out.put("one")
    out.sandbox.fault("invalid_auth")
    for _ in range(12):
        out.later(31)
    out.sandbox.heal()
    out.sandbox.fault("channel_not_found", count=1)
    out.drain(seconds=31)
    assert out.texts() == ["one"]


# --- 429


def test_nothing_is_posted_before_retry_after_is_over_and_then_all_in_order(
    out_in_real_time: Stage, until: Callable[..., None]
) -> None:
    out = out_in_real_time
    out.sandbox.fault("rate_limit", seconds=3)
    for number in range(4):
        out.put(f"m{number}", subject=f"alert:{number}")

    def beat() -> bool:
        if out.store.pending_notifications() == 4 and f"out_{out.channel}_late" not in queued:
            queued.add(out.put("late", subject="alert:late"))
        out.deliver()
        return not out.store.pending_notifications()

    queued: set[str] = set()
    until(beat, seconds=40)
    assert out.texts() == ["m0", "m1", "m2", "m3", "late"]
    assert out.sandbox.violations() == []  # a call before its time is listed there


def test_a_queue_longer_than_the_channel_takes_at_once_drains_in_order_and_breaks_no_rule(
    out_in_real_time: Stage, until: Callable[..., None]
) -> None:
    out = out_in_real_time
    wanted = [f"m{number}" for number in range(9)]
    for text in wanted:
        out.put(text, subject=f"alert:{text}")

    def beat() -> bool:
        out.deliver()
        return not out.store.pending_notifications()

    until(beat, seconds=60)
    assert out.texts() == wanted


def test_a_page_passes_what_waits(out: Stage) -> None:
    out.put("cosmetics", priority=9, subject="alert:1")
    out.put("page", priority=0, subject="alert:2")
    out.deliver()
    assert out.texts() == ["page", "cosmetics"]


# --- edits, replies, roots that are gone


def test_edits_that_wait_collapse_into_the_newest(out: Stage) -> None:
    out.put("root")
    out.deliver()
    out.sandbox.fault("error_500")
    for number in range(5):
        out.put(f"edit {number}", Operation.EDIT)
        out.later(3)
    assert out.store.pending_notifications() <= 2
    out.sandbox.heal()
    out.drain(seconds=31)
    assert out.texts() == ["edit 4"]


def test_a_reply_waits_for_its_root(out: Stage) -> None:
    out.sandbox.fault("error_500", method="chat.postMessage", count=1)
    out.put("root")
    out.put("reply", Operation.REPLY)
    assert out.deliver() == 0
    out.drain()
    assert out.threads() == [("root", ["reply"])]


def test_a_root_that_somebody_deleted_gets_one_successor(out: Stage) -> None:
    out.put("root")
    out.deliver()
    out.sandbox.api("chat.delete", channel=out.channel, ts=out.messages()[0]["ts"])
    out.put("edited", Operation.EDIT)
    out.put("reply", Operation.REPLY)
    out.deliver()
    out.put("edited again", Operation.EDIT)
    out.drain()
    assert out.threads() == [("edited again", ["reply"])]


def test_a_reply_to_a_deleted_root_is_not_lost_and_the_next_edit_is_the_new_root(out: Stage) -> None:
    out.put("root")
    out.deliver()
    out.sandbox.api("chat.delete", channel=out.channel, ts=out.messages()[0]["ts"])
    out.put("reply", Operation.REPLY)
    out.put("edited", Operation.EDIT)
    out.put("second reply", Operation.REPLY)
    out.drain()
    assert out.threads() == [("reply", []), ("edited", ["second reply"])]


def test_a_successor_whose_answer_is_lost_is_found_and_not_posted_twice(out: Stage) -> None:
    out.put("root")
    out.deliver()
    out.sandbox.api("chat.delete", channel=out.channel, ts=out.messages()[0]["ts"])
    out.sandbox.fault("store_then_drop")
    out.put("edited", Operation.EDIT)
    out.deliver()
    out.put("newest", Operation.EDIT)
    out.drain()
    assert out.texts() == ["newest"]


def test_an_answer_to_a_thread_that_is_gone_is_said_in_the_channel(out: Stage) -> None:
    out.put("answer", subject="reply:1", thread_ts="1700000000.000100")
    out.drain()
    assert out.texts() == ["answer"]


def test_a_row_that_cannot_be_said_at_all_does_not_stop_the_others(out: Stage) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            return getattr(whole, name)

        def post(self, channel: str, message: object, **more: object) -> object:
            if getattr(message, "text", "") == "poison":
                raise TypeError("a fault of ours")
            return whole.post(channel, message, **more)  # type: ignore[arg-type]

    whole = out.chat
    out.chat = Broken()  # type: ignore[assignment]
    out.put("poison", subject="alert:1", priority=0)
    out.put("sound", subject="alert:2")
    out.deliver()
    out.later(0.5)
    assert out.texts() == ["sound"]
    assert out.store.pending_notifications() == 1
