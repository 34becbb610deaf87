"""Another bot of our account, with a database of its own, in our channel."""

from datetime import timedelta
from pathlib import Path

from bot.domain.messages import Message
from bot.flows.strangers import Strangers
from tests.contracts.store.values import an_alert
from tests.flows.deliver.stage import Stage, stage
from tests.sandbox_process import Sandbox
from tests.stores import fresh_store

SAID = "Another hangbot with a database of its own speaks here"


def test_what_we_said_ourselves_is_no_strangers(out: Stage) -> None:
    out.put("one")
    out.deliver()
    Strangers(out.services).look()
    out.deliver()
    assert out.texts() == ["one"]


def test_an_alert_that_another_database_told_is_said_once(
    out: Stage, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    store = fresh_store(tmp_path / "other")
    other = stage(sandbox, store, out.channel)
    other.put("theirs")
    other.put("theirs too", subject="alert:alr_2")
    other.drain()
    store.close()
    out.put("ours")
    out.drain()
    ours = Strangers(out.services)
    for _ in range(2):
        ours.look()
        out.drain()
    told = [text for text in out.texts() if text.startswith(SAID)]
    assert len(told) == 1
    assert "2 alerts here carry my name" in told[0]


def test_what_people_say_and_what_is_no_alert_is_not_counted(
    out: Stage, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    store = fresh_store(tmp_path / "other")
    other = stage(sandbox, store, out.channel)
    other.chat.post(out.channel, Message(text="a list"), outbox="out_strange")
    sandbox.say("ana", "hello", channel=out.channel)
    store.close()
    Strangers(out.services).look()
    out.deliver()
    assert not [text for text in out.texts() if text.startswith(SAID)]


def test_a_chat_that_does_not_answer_is_asked_the_next_time(out: Stage, sandbox: Sandbox) -> None:
    sandbox.fault("truncate", count=1)
    Strangers(out.services).look()
    assert out.store.pending_notifications() == 0


def test_what_we_told_long_ago_by_a_clock_that_was_set_is_no_strangers(out: Stage) -> None:
    alert = an_alert(1)
    out.store.commit(alerts=[alert])
    out.put("one", subject=alert.id)
    out.deliver()
    out.store.prune(now=out.clock.now() + timedelta(days=120))
    Strangers(out.services).look()
    out.deliver()
    assert out.texts() == ["one"]
