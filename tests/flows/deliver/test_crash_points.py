"""A worker that is killed at any point leaves one message, whoever goes on."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.messages import Operation
from bot.flows.deliver import LEASE_S
from bot.store.opening import open_store
from tests.flows.deliver.stage import Stage

POINTS = ("claimed", "sending", "said", "settled")


class KilledError(BaseException):
    """Goes through every boundary, as a kill does."""


def kill_at(point: str) -> object:
    def crash(now: str) -> None:
        if now == point:
            raise KilledError(point)

    return crash


def reopened(out: Stage, folder: Path) -> None:
    """Go on with a connection of one's own, as a new process would."""
    out.store.close()
    out.store = open_store(f"sqlite:///{folder / 'hangbot.db'}")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("operation", list(Operation))
def test_a_kill_at_any_point_loses_and_doubles_nothing(
    out: Stage, tmp_path: Path, point: str, operation: Operation
) -> None:
    wanted = [("root", [])]
    if operation is not Operation.POST:
        out.put("root")
        out.deliver()
        out.put("said", operation)
        wanted = [("said", [])] if operation is Operation.EDIT else [("root", ["said"])]
    else:
        out.put("root")
    with pytest.raises(KilledError):
        out.deliver(crash=kill_at(point))  # type: ignore[arg-type]
    reopened(out, tmp_path)
    out.later(LEASE_S + 1)
    assert out.threads() == wanted
    assert out.store.pending_notifications() == 0
    out.store.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_while_a_lost_root_is_replaced_gives_one_successor(
    out: Stage, tmp_path: Path, point: str
) -> None:
    out.put("root")
    out.deliver()
    out.sandbox.api("chat.delete", channel=out.channel, ts=out.messages()[0]["ts"])
    out.put("edited", Operation.EDIT)
    with pytest.raises(KilledError):
        out.deliver(crash=kill_at(point))  # type: ignore[arg-type]
    reopened(out, tmp_path)
    out.later(LEASE_S + 1)
    assert out.texts() == ["edited"]
    out.store.close()


def test_a_kill_delays_only_the_message_that_was_under_way(out: Stage, tmp_path: Path) -> None:
    for number in range(4):
        out.put(f"m{number}", subject=f"alert:{number}")
    with pytest.raises(KilledError):
        out.deliver(crash=kill_at("sending"))  # type: ignore[arg-type]
    reopened(out, tmp_path)
    out.deliver()
    assert out.texts() == ["m1", "m2", "m3"]
    out.later(LEASE_S + 1)
    assert sorted(out.texts()) == ["m0", "m1", "m2", "m3"]
    out.store.close()


def test_a_lease_that_runs_out_is_not_taken_while_it_lasts(out: Stage) -> None:
    out.put("one")
    with pytest.raises(KilledError):
        out.deliver(crash=kill_at("claimed"))  # type: ignore[arg-type]
    out.later(LEASE_S - timedelta(seconds=5).total_seconds())
    assert out.texts() == []
    out.later(10)
    assert out.texts() == ["one"]
