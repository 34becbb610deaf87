"""Which call meets which fault."""

from typing import Any

import pytest

from bot.sandbox.faults import KINDS, FaultError, Faults, wish_kind
from tests.sandbox_process import Sandbox


def met(
    faults: Faults, method: str = "chat.postMessage", channel: str = "C1", now: float = 100
) -> str | None:
    fault = faults.meet(method, channel=channel, now=now)
    return fault.kind if fault else None


def test_a_lost_answer_concerns_one_message() -> None:
    faults = Faults()
    faults.add({"kind": "store_then_drop"}, now=100)
    assert [met(faults, "auth.test"), met(faults), met(faults)] == [None, "store_then_drop", None]


def test_an_outage_lasts_until_it_is_healed() -> None:
    faults = Faults()
    faults.add({"kind": "error_500"}, now=100)
    assert {met(faults, now=now) for now in (100, 1000, 100_000)} == {"error_500"}
    faults.heal()
    assert met(faults) is None


def test_a_count_and_a_method_narrow_a_fault() -> None:
    faults = Faults()
    faults.add({"kind": "drop", "method": "chat.update", "count": 2}, now=100)
    assert met(faults) is None
    assert [met(faults, "chat.update") for _ in range(3)] == ["drop", "drop", None]


def test_a_rate_limit_ends_by_itself() -> None:
    faults = Faults()
    faults.add({"kind": "rate_limit", "seconds": 3}, now=100)
    assert [met(faults, now=now) for now in (100, 102.9, 103)] == ["rate_limit", "rate_limit", None]


def test_a_lost_channel_concerns_calls_that_name_it() -> None:
    faults = Faults()
    faults.add({"kind": "channel_not_found", "channel": "C1"}, now=100)
    assert [met(faults, "auth.test", ""), met(faults, channel="C2"), met(faults)] == [
        None,
        None,
        "channel_not_found",
    ]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"kind": "flood"},
        {"kind": "drop", "times": 3},
        {"kind": "drop", "count": 0},
        {"kind": "slow", "seconds": "5"},
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused(wish: dict[str, object]) -> None:
    with pytest.raises(FaultError):
        Faults().add(wish, now=100)


def test_every_kind_of_the_contract_is_known() -> None:
    names = "store_then_drop drop rate_limit error_500 html truncate slow invalid_auth channel_not_found"
    names += " disconnect close half_open duplicate_envelope"
    assert set(names.split()) <= set(KINDS)
    assert {wish_kind({"kind": name}) for name in names.split()} == set(names.split())


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "disconnect", "seconds": "soon"},
        {"kind": "disconnect", "seconds": None},
        {"kind": "duplicate_envelope", "count": "two"},
        {"kind": "slow", "seconds": float("inf")},
        {"kind": "drop", "method": 5},
    ],
)
def test_a_wrong_argument_of_any_fault_is_told_in_words(sandbox: Sandbox, wish: dict[str, Any]) -> None:
    answer = sandbox.post("fault", **wish)
    assert not answer["ok"]
    assert answer["error"].startswith(f"`{list(wish)[1]}` must be ")
