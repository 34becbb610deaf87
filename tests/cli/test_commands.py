"""The command line as people and scripts use it: exit codes, what goes where, and what is said when it cannot be done."""

import json
import os
import pwd
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import main
from tests.sshd import make_key, running_sshd

HANGBOT = str(Path(sys.executable).with_name("hangbot"))
CONFIG = """slack: {channel: "#ops"}
hosts:
  here: {transport: local, services: [shop]}
  web1: {address: 127.0.0.1, port: 1}
services: {shop: {process: no-such-process-anywhere}}
access: {operators: [U024BE7LH]}
"""
LATER = ("init", "mcp", "worker", "workers")
COMMANDS = (
    "demo",
    "run",
    "check",
    "doctor",
    "trust",
    "probe",
    "inspect",
    "say",
    "audit",
    "when",
    "backtest",
    "manifest",
    "db",
    "db upgrade",
    "db current",
    "db copy",
)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder with a config, in this process: starting one takes a second."""
    (tmp_path / "hangbot.yaml").write_text(CONFIG)
    for name in ("HANGBOT_CONFIG", "HANGBOT_DATABASE_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def command(*argv: str, cwd: Path = tmp_path, **environ: str) -> Done:
        monkeypatch.chdir(cwd)
        found = CliRunner().invoke(main, argv, env=environ, prog_name="hangbot")
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return Done(found.exit_code, found.stdout, found.stderr)

    return command


@pytest.fixture
def program(run: Run, tmp_path: Path) -> Run:
    """Run hangbot as a process of its own."""

    def command(*argv: str, **environ: str) -> Done:
        base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        found = subprocess.run(
            (HANGBOT, *argv),
            cwd=tmp_path,
            env={**base, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=90,
        )
        return Done(found.returncode, found.stdout, found.stderr)

    return command


def one_line(done: Done, code: int) -> str:
    """Return what went wrong, which is one line on standard error and nothing on standard output."""
    assert (done.returncode, done.stdout) == (code, ""), done
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_every_level_has_help_and_the_version_is_said(run: Run) -> None:
    shown = run("--help").stdout
    for command in COMMANDS:
        assert command.split()[0] in shown
    for words in ("inspect", "db current"):
        done = run(*words.split(), "--help")
        assert (done.returncode, done.stdout.startswith(f"Usage: hangbot {words}")) == (0, True)
    assert run("--version").stdout.startswith("hangbot, version ")


@pytest.mark.parametrize("command", LATER)
def test_a_command_of_a_later_version_is_told_apart_from_a_mistyped_one(run: Run, command: str) -> None:
    said = one_line(run(*command.split(), "web1", "--yes", "--json"), 2)
    assert said.startswith(f"hangbot {command} is not in this version")


def test_a_mistyped_command_is_a_usage_error_with_the_nearest_one(run: Run) -> None:
    done = run("inspct", "web1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "inspect" in done.stderr


def test_the_config_is_found_in_the_stated_order_and_its_paths_are_from_its_own_folder(
    run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.yaml").write_text('timezone: "Europe/Berlin"\n')
    assert "timezone   UTC" in run("check").stdout
    named = run("check", HANGBOT_CONFIG="other/mine.yaml").stdout
    assert "timezone   Europe/Berlin" in named
    assert f"sqlite:///{other}/hangbot.db" in named
    assert "timezone   UTC" in run("-c", "hangbot.yaml", "check", HANGBOT_CONFIG="other/mine.yaml").stdout
    assert "no config" in one_line(run("check", cwd=other), 2)
    assert "no such file" in one_line(run("-c", "none.yaml", "check"), 2)


def test_a_config_error_is_one_line_with_file_line_key_and_remedy(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hangbot.yaml").write_text("slack: {}\nhosts:\n  web1: {prot: 22}\n")
    for command in (("check",), ("probe", "--json"), ("inspect", "web1", "--json")):
        said = one_line(run(*command), 2)
        assert (
            said
            == f"{tmp_path}/hangbot.yaml:3: `hosts.web1.prot`: there is no key `prot` here. Did you mean `port`?\n"
        )


def test_check_prints_what_it_understood_and_no_password(run: Run) -> None:
    done = run("check", HANGBOT_DATABASE_URL="postgresql+psycopg://bot:hunter2@db/x?password=hunter2")
    assert done.returncode == 0
    for word in ("#ops", "web1: hangbot@127.0.0.1:1", "service_silent", "U024BE7LH"):
        assert word in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_probe_prints_one_json_line_a_host_and_ends_with_1_where_one_is_not_well(run: Run) -> None:
    done = run("probe", "--json")
    here, web1 = (json.loads(line) for line in done.stdout.splitlines())
    assert (here["host"], here["outcome"], here["services"]["shop"]["state"]) == ("here", "ok", "down")
    assert (web1["host"], web1["outcome"] == "ok") == ("web1", False)
    assert done.returncode == 1


def test_inspect_prints_one_document_also_where_the_host_cannot_be_asked(run: Run) -> None:
    done = run("inspect", "web1", "--pid", "1", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["process"]) == (1, "unknown", None)
    assert found["outcome"] != "ok"


@pytest.mark.parametrize(
    ("argv", "near"),
    [
        (("probe", "wbe1"), "web1"),
        (("inspect", "hree"), "here"),
        (("inspect", "here", "shpo"), "shop"),
        (("trust", "web2"), "web1"),
    ],
)
def test_an_unknown_name_gets_the_nearest_one(run: Run, argv: tuple[str, ...], near: str) -> None:
    assert f"Did you mean {near}?" in one_line(run(*argv), 2)


def test_say_ends_with_0_1_2_or_3_as_it_was_done_or_not(run: Run) -> None:
    assert run("say", "/hang status").returncode == 0
    assert run("say", "/hang status wbe1").returncode == 2
    assert run("say", "/hang statsu").returncode == 2
    assert run("say", "/hang restart here shop").returncode == 2
    refused = run("say", "--as", "U0EVE", "/hang silence here 1h")
    assert (refused.returncode, "You may look" in refused.stdout) == (3, True)
    assert run("say", "/hang silence here 1h").returncode == 0


def test_say_as_somebody_is_audited_as_both_whatever_the_environment_says(run: Run, tmp_path: Path) -> None:
    run("say", "--as", "U024BE7LH", "/hang status", LOGNAME="somebody", USER="somebody")
    with sqlite3.connect(tmp_path / "hangbot.db") as database:
        rows = [str(row) for row in database.execute("select * from audit")]
    database.close()
    me = f"local:{pwd.getpwuid(os.getuid()).pw_name}"
    assert any(me in row and "U024BE7LH" in row for row in rows), rows
    assert not any("somebody" in row for row in rows)


def test_the_database_is_said_to_be_unusable_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_text("this is no database, and it is left as it is")
    for url in (f"sqlite:///{tmp_path}/bad.db", f"sqlite:///{tmp_path}/none/x.db", "sqlite:////proc/x.db",
                "postgresql+psycopg://u:hunter2@h/d", "nonsense"):  # fmt: skip
        for command in (("db", "upgrade"), ("probe", "here")):
            said = one_line(run(*command, HANGBOT_DATABASE_URL=url), 2)
            assert "hunter2" not in said
            assert "Traceback" not in said
    assert (tmp_path / "bad.db").read_text().endswith("as it is")


def test_the_schema_is_brought_up_to_date_and_named(run: Run) -> None:
    assert run("db", "current").stdout.startswith("no schema yet")
    assert run("db", "upgrade").returncode == 0
    before, _, this = run("db", "current").stdout.partition(" (this version: ")
    assert f"{before})\n" == this


def test_what_a_terminal_cannot_show_is_left_out_and_json_is_never_spoilt(program: Run) -> None:
    environ = {"PYTHONIOENCODING": "", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = program("probe", "here", **environ)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert json.loads(program("probe", "here", "--json", **environ).stdout)["host"] == "here"


def test_run_without_tokens_says_what_to_do(program: Run) -> None:
    assert "SLACK_BOT_TOKEN is not set" in one_line(program("run"), 2)
    file = one_line(program("run", SLACK_BOT_TOKEN_FILE="/nonexistent/token"), 2)
    assert "SLACK_BOT_TOKEN_FILE" in file


def test_the_manifest_is_yaml_that_needs_no_config(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hangbot.yaml").unlink()
    done = run("manifest")
    assert (done.returncode, "/hang" in done.stdout) == (0, True)


def test_the_manifest_of_http_mode_says_where_slack_reaches_the_bot(run: Run) -> None:
    for url in (
        "https://bot.example.org",
        "https://bot.example.org/",
        "https://bot.example.org/slack/events",
    ):
        written = yaml.safe_load(run("manifest", "--http", url).stdout)
        plain = yaml.safe_load(run("manifest").stdout)
        places = (
            written["features"]["slash_commands"][0].pop("url"),
            written["settings"]["event_subscriptions"].pop("request_url"),
            written["settings"]["interactivity"].pop("request_url"),
        )
        assert set(places) == {"https://bot.example.org/slack/events"}
        modes = [one["settings"].pop("socket_mode_enabled") for one in (plain, written)]
        assert (modes, written) == ([True, False], plain)
    for url in ("http://bot.example.org", "bot.example.org", "https://", "https://x/?a=1", "https://["):
        assert "https://hangbot.example.org" in one_line(run("manifest", "--http", url), 2)


def test_trust_enrols_the_key_that_was_vouched_for_and_no_other(run: Run, tmp_path: Path) -> None:
    mine, other_key = tmp_path / "mine", tmp_path / "other"
    kind, key = make_key(mine, "ed25519").split()[:2]
    make_key(other_key, "ecdsa")
    shown = subprocess.run(("ssh-keygen", "-lf", str(mine)), capture_output=True, text=True, check=True)
    fingerprint = shown.stdout.split()[1]
    with running_sshd(tmp_path, HostKey=f"{mine}\nHostKey {other_key}") as sshd:
        (tmp_path / "hangbot.yaml").write_text(
            f"hosts: {{web1: {{address: {sshd.address}, port: {sshd.port}}}, here: {{transport: local}}}}\n"
        )
        enrolled = tmp_path / "known_hosts"

        asked = run("trust", "web1")
        assert (asked.returncode, fingerprint in asked.stderr, enrolled.exists()) == (3, True, False)
        assert asked.stderr.count("SHA256:") >= 2
        other = run("trust", "web1", "--fingerprint", "SHA256:" + "A" * 43)
        assert (other.returncode, enrolled.exists()) == (3, False)
        assert "is no fingerprint" in one_line(run("trust", "web1", "--fingerprint", "MD5:aa"), 2)
        assert "this machine" in one_line(run("trust", "here"), 2)

        done = run("trust", "web1", "--fingerprint", fingerprint)
        assert done.returncode == 0, done.stderr
        assert enrolled.read_text().splitlines() == [f"[{sshd.address}]:{sshd.port} {kind} {key}"]
        assert enrolled.stat().st_mode & 0o777 == 0o600
    assert "web1: unreachable" in one_line(run("trust", "web1"), 1)


def test_doctor_ends_with_1_where_it_found_a_fault_and_says_what_to_type(run: Run, tmp_path: Path) -> None:
    done = run("doctor", "web1")
    assert done.returncode == 1
    assert "web1" in done.stdout
    assert "→" in done.stdout
    whole = json.loads(run("doctor", "--json").stdout)
    assert whole["well"] is False
    told = {(one["about"], one["check"]): one for one in whole["checks"]}
    assert "SLACK_BOT_TOKEN is not set" in told["slack", "token"]["text"]
    assert told["config", "operators"]["state"] == "ok"
    assert told["web1", "reach"]["state"] == "fault"
    assert told["here", "reach"]["state"] == "ok"
    with running_sshd(tmp_path) as sshd:
        (tmp_path / "hangbot.yaml").write_text(
            f"hosts: {{web1: {{address: {sshd.address}, port: {sshd.port}}}}}\n"
            f"ssh: {{user: {sshd.user}, key_file: {sshd.key_file}, known_hosts: {sshd.known_hosts}, sudo: false}}\n"
        )
        done = run("doctor", "web1")
    assert done.returncode == 0, done.stdout
    assert run("doctor", "wbe1").returncode == 2


def test_doctor_reads_the_calendars_of_who_is_on_call(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hangbot.yaml").write_text(
        'hosts: {here: {transport: local}}\noncall: {pay: {ical: "http://127.0.0.1:9/pay.ics"}}\n'
    )
    told = {one["check"]: one for one in json.loads(run("doctor", "--json").stdout)["checks"]}
    found = told["oncall pay"]
    assert found["state"] == "fault"
    assert "cannot be read" in found["text"]
    assert "refused" in found["text"]
    assert "oncall.pay.ical" in found["mend"]
