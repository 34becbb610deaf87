"""What `hangbot run` says where it cannot start: what is wrong and what to do, in a line, with exit code 2."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.chat.slack.running import (
    CONFIG,
    HANGBOT,
    OVER_HTTP,
    ROOT,
    Desk,
    environ,
    started,
    written,
)
from tests.sandbox_process import SIGNING_SECRET, Sandbox
from tests.sshd import free_port

USAGE = 2


def refused(config: Path, sandbox: Sandbox | None, *, http: str = "off", **changes: str) -> str:
    """Run a bot that must not start; return what it says."""
    done = subprocess.run(
        (HANGBOT, "-c", str(config), "run", "--http", http),
        cwd=ROOT, env=environ(sandbox, **changes), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == USAGE, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(said) == 1, done.stderr
    return said[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set. Install the app"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN is not set. Make an app-level token"),
        ({"SLACK_BOT_TOKEN": "xapp-sandbox"}, "begins with xoxb-"),
        ({"SLACK_APP_TOKEN": "xoxb-sandbox"}, "begins with xapp-"),
        ({"SLACK_BOT_TOKEN": "xoxb-revoked"}, "Slack refuses SLACK_BOT_TOKEN (invalid_auth)"),
        ({"SLACK_APP_TOKEN": "xapp-revoked"}, "Look at SLACK_APP_TOKEN"),
    ],
)
def test_a_token_that_is_missing_or_wrong_is_named(
    sandbox: Sandbox, tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    said = refused(written(tmp_path), sandbox, **changes)
    assert says in said
    assert not any(token in said for token in changes.values() if "revoked" in token)


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ("#opps", "I see no channel #opps (channel_not_found). Does it exist"),
        ("C0NOWHERE", "I see no channel C0NOWHERE"),
        ("#quiet", "I am not in #quiet. Type there: /invite @hangbot"),
    ],
)
def test_a_channel_that_cannot_be_written_to_is_named(
    sandbox: Sandbox, tmp_path: Path, channel: str, says: str
) -> None:
    assert says in refused(written(tmp_path, CONFIG.replace("#ops", channel)), sandbox)


def test_a_route_to_a_channel_that_cannot_be_written_to_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    text = f"{CONFIG}routes: [{{match: {{team: pay}}, channel: '#quiet'}}]\n"
    assert "I am not in #quiet. Type there: /invite @hangbot" in refused(written(tmp_path, text), sandbox)


def test_a_page_without_its_key_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    text = f"{CONFIG}page: {{pagerduty: true}}\n"
    said = refused(written(tmp_path, text), sandbox, PAGERDUTY_KEY="")
    assert "PAGERDUTY_KEY is not set: set it, or PAGERDUTY_KEY_FILE" in said


def test_a_config_without_a_channel_says_what_to_add(sandbox: Sandbox, tmp_path: Path) -> None:
    text = CONFIG.replace('slack: {channel: "#ops"}\n', "")
    assert 'slack: {channel: "#ops"}' in refused(written(tmp_path, text), sandbox)


def test_a_chat_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/api/"
    assert "SLACK_API_URL" in refused(written(tmp_path), None, SLACK_API_URL=url)


def test_a_chat_that_answers_nonsense_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.fault("html")
    try:
        assert "Slack cannot be reached" in refused(written(tmp_path), sandbox)
    finally:
        sandbox.heal()


def test_in_http_mode_it_needs_slacks_signing_secret_an_address_and_no_app_token(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    config, own = written(tmp_path, OVER_HTTP), {"SLACK_APP_TOKEN": ""}
    said = refused(config, sandbox, http="127.0.0.1:0", **own)
    assert "SLACK_SIGNING_SECRET is not set, and slack.mode is http" in said
    said = refused(config, sandbox, http="off", SLACK_SIGNING_SECRET=SIGNING_SECRET, **own)
    assert "--http off" in said


def test_a_port_that_is_taken_and_an_address_that_is_none_are_said(sandbox: Sandbox, tmp_path: Path) -> None:
    config = written(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        said = refused(config, sandbox, http=taken)
    assert taken in said
    assert "--http" in said
    assert "Type 127.0.0.1:9095" in refused(config, sandbox, http="web1:9095")
    assert sandbox.state()["connected"] == 0


def test_told_to_stop_it_ends_well_within_seconds(sandbox: Sandbox, tmp_path: Path, desk: Desk) -> None:
    bot = started(sandbox, written(tmp_path))
    for _ in range(30):  # what is busy stops as soon as what is idle
        assert desk.say("/hang help")["ok"]
    bot.process.terminate()
    try:
        assert bot.process.wait(6) == 0
    finally:
        bot.kill()
    assert "Traceback" not in bot.log.read_text()
