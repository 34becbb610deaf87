"""The short form of the month: what is ordinary is told to nobody, and what is not, is told."""

from pathlib import Path

import pytest

from tests.faults.month import Month, replayed
from tests.faults.ordinary import DAY_S, Happens, Machine, Outage, Spell, fleet

SEED = 4


def test_a_third_of_a_day_of_a_small_fleet_tells_its_outages_and_nothing_else(tmp_path: Path) -> None:
    machines, outages = fleet(hosts=16, days=0.35, outages=8, seed=SEED)
    found = replayed(tmp_path, machines, outages, days=0.35)
    assert {one.kind for one in outages} == set(Happens) - {Happens.PAUSE, Happens.DEPLOY, Happens.REBOOT}
    assert found.ordinary["deploy"] > 3
    assert (found.false_pages, found.false_messages, found.untold) == ([], [], [])
    assert found.rounds > 16 * 0.35 * DAY_S / 30
    assert max(found.delays_s) <= 2 * 5.0 + 3.0, "`for` and two retries"


def test_what_went_no_further_would_have_changed_nothing(tmp_path: Path) -> None:
    """A replay leaves out the rounds that say nothing; with them it comes to the same."""

    def month(name: str, *, whole: bool) -> Month:
        (tmp_path / name).mkdir()
        machines, outages = fleet(hosts=4, days=0.23, outages=3, seed=SEED)
        return replayed(tmp_path / name, machines, outages, days=0.125, whole=whole)

    short, long = month("short", whole=False), month("long", whole=True)
    assert long.whole == long.rounds > 5 * short.whole
    short.whole = long.whole
    assert short == long


@pytest.mark.parametrize("kind", [Happens.PAUSE, Happens.HANG])
def test_it_counts_what_is_told_for_nothing_and_what_is_not_told(tmp_path: Path, kind: Happens) -> None:
    """The reckoning itself: a hang that nobody planned is a false page, and a pause that was planned is untold."""
    machines, _ = fleet(hosts=1, days=0.2, outages=0, seed=SEED)
    machine: Machine = machines["web0"]
    lasts = 20.0 if kind is Happens.PAUSE else 1200.0
    machine.spells = [Spell(begins=3000.0, ends=3000.0 + lasts, kind=kind)]
    planned = [Outage(kind=Happens.HANG, hosts=["web0"], begins=3000.0, ends=3020.0)]
    found = replayed(tmp_path, machines, planned if kind is Happens.PAUSE else [], days=0.1)
    assert len(found.untold) == (kind is Happens.PAUSE)
    assert len(found.false_pages) == (kind is Happens.HANG)
