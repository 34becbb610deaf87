"""`hangbot backtest`: rows of a CSV file against a rule, with a config and without."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

Run = Callable[..., Result]
CONFIG = """rules:
  - {alert: shop_slow, when: "service.answer_ms > 2000", service: shop, for: 2m}
  - {alert: busy, when: "load1 / cores > 4"}
hosts: {web1: {services: [shop]}}
services: {shop: {process: shop}}
timezone: Europe/Berlin
"""
EPOCH = 1_762_041_600  # 2025-11-02T00:00:00Z


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `hangbot backtest` on a file of this text, in a folder without a config unless `config` is one."""
    monkeypatch.delenv("HANGBOT_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    def command(rule: str, text: str, *more: str, config: str = "") -> Result:
        if config:
            (tmp_path / "hangbot.yaml").write_text(config)
        (tmp_path / "rows.csv").write_text(text)
        argv = ("backtest", "--rule", rule, "--csv", "rows.csv", *more)
        found = CliRunner().invoke(main, argv, prog_name="hangbot")
        assert found.exception is None or isinstance(found.exception, SystemExit)
        return found

    return command


def loads(*values: float, every_s: int = 60) -> str:
    lines = "".join(f"{EPOCH + number * every_s},{value},4\n" for number, value in enumerate(values))
    return "timestamp,load1,cores\n" + lines


def test_a_built_in_rule_needs_no_config_and_json_is_a_document(run: Run) -> None:
    done = run("load_high", loads(1, *[99] * 15, *[1] * 5), "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "fired": [{"at": "2025-11-02T00:11:00Z", "resolved": "2025-11-02T00:18:00Z"}],
        "per_week": pytest.approx(7 * 24 * 60 / 21, abs=0.001),
    }


def test_words_say_how_often_and_when(run: Run) -> None:
    done = run("load_high", loads(1, *[99] * 15, *[1] * 5))
    assert done.stdout == (
        "load_high would have fired once in 21 min (480.0 a week).\n  2025-11-02T00:11:00Z  for 7 min\n"
    )
    assert run("load_high", loads(1, 2)).stdout == "load_high would not have fired in 2 min.\n"


def test_value_stands_for_the_only_metric_of_a_rule_of_the_config(run: Run) -> None:
    rows = "timestamp,value\n2026-11-23T04:00:00,100\n2026-11-23T04:01:00,9000\n2026-11-23T04:02:00,9000\n"
    rows += "2026-11-23T04:03:00,9000\n2026-11-23T04:04:00,\n"
    done = run("shop_slow", rows, "--json", config=CONFIG)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["fired"] == [{"at": "2026-11-23T03:03:00Z", "resolved": None}]
    assert "1 of 5 rows told nothing" in run("shop_slow", rows, config=CONFIG).stdout


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        ("busy", "timestamp,value\n1,2\n", "name a column for each (load1, cores), not `value`"),
        ("bussy", "timestamp,value\n1,2\n", "There is no rule `bussy`. Did you mean busy?"),
        ("service_silent", "timestamp,load1\n1,2\n", "is judged by more than numbers"),
        ("busy", "timestamp,load1\n1,2\n", "no column has cores"),
        ("busy", "timestamp,load1,cores\n", "there is no row in it"),
        ("busy", "", "has no column `timestamp`"),
        ("busy", "timestamp;load1;cores\n1;2;3\n", "Separate the columns by commas"),
        ("busy", "time,load1,cores\n1,2,3\n", "has no column `timestamp`"),
        ("busy", "timestamp,load1,cores,load1\n1,2,3,4\n", "two columns `load1`"),
        ("busy", "timestamp,load1,cores\n1,2,3\nyesterday,2,3\n", "rows.csv:3: `yesterday` is no moment"),
        ("busy", "timestamp,load1,cores\n2,2,3\n1,2,3\n", "rows.csv:3: 1 is not later than the row before"),
        ("busy", "timestamp,load1,cores\n1,much,3\n", "rows.csv:2: `much` in column `load1` is no number"),
        ("busy", "timestamp,load1,cores\n1e300,2,3\n", "rows.csv:2: `1e300` is no moment"),
        ("busy", 'timestamp,load1,cores\n1,"2,3\n', "is no CSV"),
    ],
)
def test_what_cannot_be_replayed_is_said_with_what_to_do(run: Run, rule: str, text: str, said: str) -> None:
    done = run(rule, text, config=CONFIG)
    assert done.exit_code == 2, done.stdout
    assert said in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_not_there_and_one_that_is_no_text_are_said(run: Run, tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ("backtest", "--rule", "load_high", "--csv", "nowhere.csv"))
    assert (found.exit_code, "nowhere.csv cannot be read: No such file" in found.stderr) == (2, True)
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\xff\xfe")
    found = CliRunner().invoke(main, ("backtest", "--rule", "load_high", "--csv", "image.csv"))
    assert (found.exit_code, "no UTF-8 text" in found.stderr) == (2, True)
