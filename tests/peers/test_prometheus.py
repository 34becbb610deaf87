"""`for` and `keep_firing`, beside Prometheus' own: `promtool test rules` judges the same rounds.

What we expect to be told at each round is written down as Prometheus' expectation, and promtool says whether it agrees.
Where we mean to differ, its answer is written down and proved the same way, beside ours.
"""

import json
import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.advance import advance
from bot.domain.alerts import Alert, AlertStatus, Severity
from bot.domain.evaluation import Evaluation, State
from bot.domain.rule import Rule
from bot.domain.targets import Target
from tests.peers.programs import program

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
EVERY_S = 30
LIVE = (AlertStatus.FIRING, AlertStatus.RECOVERING)
STATES = {"0": State.GOOD, "1": State.BAD, "_": State.UNKNOWN, "stale": State.UNKNOWN}
TIMES = [(0, 0), (0, 90), (60, 60), (90, 0), (90, 120)]
"""`for` and `keep_firing`, in seconds."""
SEED = 20261130


@dataclass(frozen=True)
class Stream:
    """What was seen in each round: 1 bad, 0 good, `_` nothing, `stale` that the target is gone."""

    values: Sequence[str]

    @classmethod
    def of(cls, text: str) -> "Stream":
        return cls(text.split())


def ours(stream: Stream, *, for_s: float, keep_s: float, attempts: int = 1, passes: int = 1) -> list[bool]:
    """Return for each round whether our alert is up."""
    rule = Rule(
        name="v",
        severity=Severity.WARNING,
        attempts=attempts,
        passes=passes,
        for_s=for_s,
        keep_firing_s=keep_s,
    )
    alert: Alert | None = None
    found = []
    for number, value in enumerate(stream.values):
        at = START + timedelta(seconds=number * EVERY_S)
        seen = Evaluation(state=STATES[value], at=at)
        alert = advance(
            alert, seen, rule, target=Target(host="web1"), now=at, id="a", interval_s=EVERY_S
        ).after
        found.append(alert is not None and alert.status in LIVE)
    return found


def agrees(
    folder: Path, streams: Sequence[Stream], expected: Sequence[Sequence[bool]], *, for_s: int, keep_s: int
) -> str:
    """Ask promtool whether its alerts are up in the rounds we say. Return what it objects to; empty where nothing."""
    kept = {"keep_firing_for": f"{keep_s}s"} if keep_s else {}
    rule = {"alert": "bad", "expr": "v == 1", "for": f"{for_s}s", **kept}
    (folder / "rules.json").write_text(json.dumps({"groups": [{"name": "g", "rules": [rule]}]}))
    names = [f"s{number}" for number in range(len(streams))]
    rounds = max(len(one.values) for one in streams)
    wanted = [
        {
            "eval_time": f"{number * EVERY_S}s",
            "alertname": "bad",
            "exp_alerts": [
                {"exp_labels": {"stream": name}}
                for name, up in zip(names, expected, strict=True)
                if number < len(up) and up[number]
            ],
        }
        for number in range(rounds)
    ]
    test = {
        "rule_files": ["rules.json"],
        "evaluation_interval": f"{EVERY_S}s",
        "tests": [
            {
                "interval": f"{EVERY_S}s",
                "input_series": [
                    {"series": f'v{{stream="{name}"}}', "values": " ".join(one.values)}
                    for name, one in zip(names, streams, strict=True)
                ],
                "alert_rule_test": wanted,
            }
        ],
    }
    (folder / "test.json").write_text(json.dumps(test))  # every JSON is YAML
    promtool = program("promtool", "prometheus")
    done = subprocess.run(
        [promtool, "test", "rules", "test.json"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(("for_s", "keep_s"), TIMES)
def test_the_same_rounds_fire_and_end_in_the_same_rounds(tmp_path: Path, for_s: int, keep_s: int) -> None:
    """100 streams of 60 rounds, quiet ones and restless ones, judged with one bad round enough and one good one."""
    pick = random.Random(SEED)
    streams = []
    for _ in range(100):
        stays, state, values = pick.choice([0.3, 0.5, 0.8, 0.95]), pick.choice("01"), []
        for _ in range(60):
            state = state if pick.random() < stays else {"0": "1", "1": "0"}[state]
            values.append(state)
        streams.append(Stream(values))
    expected = [ours(one, for_s=for_s, keep_s=keep_s) for one in streams]
    assert any(any(one) for one in expected)
    assert agrees(tmp_path, streams, expected, for_s=for_s, keep_s=keep_s) == ""
    expected[7][30] = not expected[7][30]
    assert "time: 15m" in agrees(tmp_path, streams, expected, for_s=for_s, keep_s=keep_s)


UP, DOWN = True, False


@pytest.mark.parametrize(
    ("rounds", "for_s", "prometheus", "us"),
    [
        # nobody could look: Prometheus takes the last value for five minutes as if it were seen, and fires
        ("1 _ _ _ 0", 90, [DOWN, DOWN, DOWN, UP, DOWN], [DOWN, DOWN, DOWN, DOWN, DOWN]),
        # and after five minutes, or at once where the target has left, it ends what nobody saw end
        ("1 1 stale stale", 30, [DOWN, UP, DOWN, DOWN], [DOWN, UP, UP, UP]),
        ("1 1 _ _ _ _ _ _ _ _ _ _ _", 30, [DOWN, *[UP] * 11, DOWN], [DOWN, *[UP] * 12]),
        # what was not seen makes its pending alert begin anew; ours goes on waiting
        ("1 stale 1 1", 60, [DOWN, DOWN, DOWN, DOWN], [DOWN, DOWN, UP, UP]),
    ],
)
def test_what_nobody_saw_neither_fires_nor_ends_ours(
    tmp_path: Path, rounds: str, for_s: int, prometheus: list[bool], us: list[bool]
) -> None:
    stream = Stream.of(rounds)
    assert agrees(tmp_path, [stream], [prometheus], for_s=for_s, keep_s=0) == ""
    assert ours(stream, for_s=for_s, keep_s=0) == us


def test_a_single_bad_round_is_told_by_prometheus_and_asked_again_by_us(tmp_path: Path) -> None:
    stream = Stream.of("0 1 0 0 1 1 0 0")
    theirs = [DOWN, UP, DOWN, DOWN, UP, UP, DOWN, DOWN]
    assert agrees(tmp_path, [stream], [theirs], for_s=0, keep_s=0) == ""
    mine = ours(stream, for_s=0, keep_s=0, attempts=2, passes=2)
    assert mine == [DOWN, DOWN, DOWN, DOWN, DOWN, UP, UP, DOWN]
