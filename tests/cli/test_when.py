"""`hangbot when`: how the review grammar reads a date, without a config, a database or a chat."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

Run = Callable[..., Result]
NOW = "--now=2026-11-23T16:20:00+01:00"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `hangbot when` in a folder without a config."""
    monkeypatch.delenv("HANGBOT_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    def command(*argv: str) -> Result:
        found = CliRunner().invoke(main, ("when", *argv), prog_name="hangbot")
        assert found.exception is None or isinstance(found.exception, SystemExit)
        return found

    return command


def test_a_date_is_a_document_and_done(run: Run) -> None:
    done = run("tomorrow", "10:00", NOW, "--tz", "Europe/Berlin", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "start": "2026-11-24T10:00:00+01:00", "zone": "Europe/Berlin", "minutes": 45
    }  # fmt: skip


def test_a_date_is_told_in_words(run: Run) -> None:
    done = run("tomorrow 10:00 for 30m", NOW, "--tz", "berlin")
    assert done.stdout == "Tuesday 24 November 2026, 10:00–10:30 Europe/Berlin (09:00 UTC)\n"


def test_each_option_of_a_question_can_be_typed_and_is_a_slot(run: Run) -> None:
    done = run("tomorrow for 30m with @ben", NOW, "--tz", "Europe/Berlin", "--json")
    asked = json.loads(done.stdout)
    assert (done.exit_code, set(asked)) == (1, {"ask", "options"})
    assert len(asked["options"]) == 5
    for option in asked["options"]:
        again = run(option, NOW, "--json")
        assert (again.exit_code, json.loads(again.stdout)["minutes"]) == (0, 30)
        assert option.startswith(json.loads(again.stdout)["start"][:16].replace("T", " "))


def test_a_refusal_names_the_word_and_ends_with_1(run: Run) -> None:
    done = run("banana", NOW, "--json")
    assert done.exit_code == 1
    assert "banana" in json.loads(done.stdout)["refused"]
    assert run("banana", NOW).stdout.startswith("I do not understand banana.")


@pytest.mark.parametrize(
    "text", [("2026-12-01", "10:00", "-05:00"), ("2026-12-01 10:00 -05:00",), ("2026-12-01T10:00-05:00",)]
)
def test_an_offset_is_no_option_of_the_command(run: Run, text: tuple[str, ...]) -> None:
    done = run(*text, NOW, "--json")
    assert json.loads(done.stdout)["start"] == "2026-12-01T15:00:00+00:00"


def test_an_empty_text_is_asked_about(run: Run) -> None:
    assert run("", NOW).exit_code == 1


@pytest.mark.parametrize(
    "argv",
    [
        ("--now", "soon"),
        ("--now", "0001-01-01"),
        ("--now", "9999-12-31"),
        ("--tz", "Nowhere"),
        ("--tz", "../x"),
    ],
)
def test_a_bad_now_or_zone_is_a_usage_error_with_the_right_form(run: Run, argv: tuple[str, str]) -> None:
    done = run("tomorrow", "10:00", *argv)
    assert (done.exit_code, done.stdout) == (2, "")
    assert argv[1] in done.stderr
    assert f"{argv[0]} " in done.stderr


def test_a_moment_without_a_zone_is_of_the_zone_that_counts(run: Run) -> None:
    done = run("in 1h", "--now", "2026-11-23T16:20", "--tz", "Asia/Tokyo", "--json")
    assert json.loads(done.stdout)["start"] == "2026-11-23T17:20:00+09:00"


def test_the_config_s_zone_counts_where_none_is_given_and_utc_without_a_config(
    run: Run, tmp_path: Path
) -> None:
    assert json.loads(run("tomorrow 10:00", NOW, "--json").stdout)["zone"] == "UTC"
    (tmp_path / "hangbot.yaml").write_text(
        'slack: {channel: "#ops"}\ntimezone: Asia/Kolkata\nhosts: {here: {transport: local}}\n'
    )
    assert json.loads(run("tomorrow 10:00", NOW, "--json").stdout)["zone"] == "Asia/Kolkata"
    assert (
        json.loads(run("tomorrow 10:00", NOW, "--tz", "Asia/Tokyo", "--json").stdout)["zone"] == "Asia/Tokyo"
    )
    assert json.loads(run("tomorrow 10:00 UTC", NOW, "--json").stdout)["zone"] == "UTC"


def test_nothing_typed_is_a_usage_error(run: Run) -> None:
    assert run().exit_code == 2
