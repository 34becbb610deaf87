"""What differs between one that hangs and those that do not: only what no peer shares is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import comparison
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Verdict
from bot.domain.evidence import Process
from bot.domain.profile import Profile
from bot.domain.targets import Target

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PROCESS = Process(
    pid=7, started_at=NOW - timedelta(days=3), command="shop --workers 4", runtime="python 3.11", threads=5
)
PROFILE = Profile(
    cpu_share=0.02, open_files=30, peers=(("db1:5432", 4),), clients=3, swap_bytes=0, log_errors=0
)


def one(
    host: str, process: Process = PROCESS, profile: Profile = PROFILE, *, hung: bool = False
) -> Inspection:
    cause, verdict = (Cause.BUSY_LOOP, Verdict.HUNG) if hung else (Cause.IDLE, Verdict.HEALTHY)
    found = Diagnosis(verdict=verdict, findings=(Finding(cause=cause, confidence=0.9),))
    return Inspection(
        id=f"ins_{host}",
        target=Target(host=host, service="shop"),
        at=NOW,
        diagnosis=found,
        process=process,
        profile=profile,
    )


WELL = [one("web2"), one("web3")]


def codes(sick: Inspection, peers: list[Inspection] = WELL) -> list[str]:
    return [clue.code for clue in comparison.differences(sick, peers)]


def test_what_is_the_same_on_all_is_not_told() -> None:
    assert codes(one("web1", hung=True)) == []
    assert comparison.alike(one("web1", hung=True), WELL) == ("runtime", "command", "peers")


@pytest.mark.parametrize(
    ("code", "process", "profile"),
    [
        ("only_here_changed", {}, {"changed": ("config /etc/shop/settings.yaml",)}),
        ("other_runtime", {"runtime": "python 3.9"}, {}),
        ("other_command", {"command": "shop --workers 1"}, {}),
        ("only_here_connected", {}, {"peers": (("db1:5432", 4), ("db9:5432", 1))}),
        ("only_there_connected", {}, {"peers": ()}),
        ("more_connections", {}, {"peers": (("db1:5432", 40),)}),
        ("other_log", {}, {"log_errors": 12}),
        ("other_cpu", {}, {"cpu_share": 0.99}),
        ("more_swap", {}, {"swap_bytes": 300 * 2**20}),
        ("other_clients", {}, {"clients": 90}),
        ("other_threads", {"threads": 80}, {}),
        ("other_open_files", {}, {"open_files": 1020}),
        ("other_age", {"started_at": NOW - timedelta(minutes=5)}, {}),
    ],
)
def test_what_no_peer_shares_is_told(
    code: str, process: dict[str, object], profile: dict[str, object]
) -> None:
    sick = one("web1", replace(PROCESS, **process), replace(PROFILE, **profile), hung=True)  # type: ignore[arg-type]
    assert codes(sick) == [code]
    same = one("web4", sick.process or PROCESS, sick.profile or PROFILE)
    assert codes(sick, [*WELL, same]) == [], "one that is well has it too"


def test_what_all_others_got_and_it_did_not_is_told() -> None:
    got = [
        one(host, profile=replace(PROFILE, changed=("deploy /srv/shop/current v2",)))
        for host in ("web2", "web3")
    ]
    assert codes(one("web1", hung=True), got) == ["only_there_changed"]


def test_one_that_hangs_is_no_measure() -> None:
    assert comparison.well([one("web1", hung=True), *WELL]) == WELL
    assert comparison.sick([one("web1", hung=True), *WELL]) == [one("web1", hung=True)]
    assert comparison.differences(one("web1", hung=True), []) == ()
