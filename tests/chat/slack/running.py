"""`hangbot run` as people start it, against a sandbox: a process of its own with one host, this machine."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox_process import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Sandbox

ROOT = Path(__file__).resolve().parents[3]
HANGBOT = str(Path(sys.executable).with_name("hangbot"))
ROOMS = 40
BOT = "U0HANGBOT"
LIVE = re.compile(r"<!(?:channel|here|everyone|subteam)\b|\"type\": ?\"broadcast\"")
CONFIG = """
slack: {channel: "#ops"}
database: sqlite:///hangbot.db
hosts:
  here: {transport: local, services: [ghost]}
services:
  ghost: {process: "no-such-program-anywhere", start_grace: 1s}
probes: {interval: 2s, retry: 1s}
rules:
  - {alert: service_down, service: ghost, for: 1s}
inspect: {auto: false}
access: {operators: [U0ANA0000, U0BEN0000, PEOPLE]}
""".replace("PEOPLE", ", ".join(f"U0P{number:02}" for number in range(ROOMS)))
OVER_HTTP = CONFIG.replace('slack: {channel: "#ops"}', 'slack: {channel: "#ops", mode: http}')


def workspace() -> dict[str, Any]:
    """Return a sandbox's setup: the alert channel, channels to post to, and many people, each with a desk."""
    rooms = [{"id": f"C0R{number:02}", "name": f"r{number:02}"} for number in range(ROOMS)]
    people = [{"id": f"U0P{number:02}", "name": f"p{number:02}"} for number in range(ROOMS)]
    users = [{"name": "ana"}, {"name": "ben"}, {"name": "eve"}, *people]
    return {
        "channels": [{"id": "C0OPS", "name": "ops"}, {"name": "quiet", "bot": False}, *rooms],
        "users": users,
    }


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Somebody's direct message with the bot: a channel takes a message a second, so each test has its own."""

    sandbox: Sandbox
    user: str
    id: str

    def say(self, line: str, *, thread_ts: str | None = None) -> dict[str, Any]:
        """Type a line; return what the sandbox says once the bot has acknowledged it."""
        return self.sandbox.say(self.user, line, channel="@hangbot", thread_ts=thread_ts)

    def said(self, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what the bot has said there, threads included."""
        place = self._place(state)
        every = [one for root in place.get("messages", []) for one in (root, *root["replies"])]
        return [one for one in every if one.get("user") == BOT]

    def whispers(self, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what the person alone was shown there."""
        place = self._place(state).get("id")
        return [
            one["message"] for one in state["ephemerals"] if (one["channel"], one["user"]) == (place, self.id)
        ]

    def _place(self, state: Mapping[str, Any]) -> dict[str, Any]:
        return next((one for one in state["channels"] if one["is_im"] and one["user"] == self.id), {})


def environ(sandbox: Sandbox | None, **changes: str) -> dict[str, str]:
    """Return the environment of a bot; an empty value takes a variable out."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLACK_", "HANGBOT_"))}
    own = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}
    if sandbox is not None:
        own["SLACK_API_URL"] = sandbox.api_url
    return {key: value for key, value in {**kept, **own, **changes}.items() if value}


def written(folder: Path, text: str = CONFIG) -> Path:
    config = folder / "hangbot.yaml"
    config.write_text(text, encoding="utf-8")
    return config


@dataclass(kw_only=True)
class Bot:
    """A running bot. `log` is its standard error, `web` where it listens, empty for nowhere."""

    process: "subprocess.Popen[bytes]"
    log: Path
    web: str = ""

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as systemd does; return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(40)
        finally:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()


def started(sandbox: Sandbox, config: Path, *, http: str = "off", **changes: str) -> Bot:
    """Start a bot and wait until its socket is open; `http`: where it listens."""
    before = sandbox.state()["connected"]
    bot = launched(sandbox, config, http=http, **changes)
    end = time.monotonic() + 60
    while sandbox.state()["connected"] <= before and time.monotonic() < end:
        assert bot.process.poll() is None, bot.log.read_text()[-3000:]
        time.sleep(0.1)
    return bot


def started_over_http(sandbox: Sandbox, config: Path, **changes: str) -> Bot:
    """Start a bot in HTTP mode and tell the sandbox where it listens. It gets no app-level token."""
    own = {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_APP_TOKEN": "", **changes}
    bot = launched(sandbox, config, http="127.0.0.1:0", **own)
    saved = sandbox.request_url(f"{bot.web}/slack/events")
    assert saved == {"ok": True}, saved
    return bot


def launched(sandbox: Sandbox, config: Path, *, http: str, **changes: str) -> Bot:
    """Start a bot; where it is to listen, wait until it says where that is."""
    log = config.with_name("bot.log")
    begins = log.stat().st_size if log.exists() else 0
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            (HANGBOT, "-c", str(config), "run", "--http", http),
            cwd=ROOT, env=environ(sandbox, **changes), stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
        )  # fmt: skip
    end = time.monotonic() + 60
    while http != "off" and time.monotonic() < end:
        said = log.read_bytes()[begins:].decode(errors="replace")
        if found := re.search(r'"http": "([0-9.:\[\]]+)"', said):
            return Bot(process=process, log=log, web=f"http://{found[1]}")
        assert process.poll() is None, said[-3000:]
        time.sleep(0.1)
    return Bot(process=process, log=log)


@contextlib.contextmanager
def running_bot(
    sandbox: Sandbox, folder: Path, text: str = CONFIG, *, http: str = "off", **changes: str
) -> Iterator[Bot]:
    """Run a bot until the block ends, in the mode that its config says; `http`: where it listens in Socket Mode."""
    config = written(folder, text)
    if "mode: http" in text:
        bot = started_over_http(sandbox, config)
    else:
        bot = started(sandbox, config, http=http, **changes)
    try:
        yield bot
    finally:
        bot.stop()
        sys.stdout.write(bot.log.read_text(errors="replace")[-4000:])


def by_bot(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return everything that the bot has said: messages, replies, and what it showed to one person."""
    roots = [message for channel in state["channels"] for message in channel["messages"]]
    every = roots + [reply for root in roots for reply in root["replies"]]
    every += [whisper["message"] for whisper in state["ephemerals"]]
    return [message for message in every if message.get("user") == BOT]


def in_room(state: Mapping[str, Any], room: str) -> list[dict[str, Any]]:
    """Return what the bot said in one channel for all to see, threads included."""
    channel = next(one for one in state["channels"] if room in (one["id"], one["name"]))
    every = [one for root in channel["messages"] for one in (root, *root["replies"])]
    return [one for one in every if one.get("user") == BOT]


def whispers(state: Mapping[str, Any], room: str, user: str) -> list[dict[str, Any]]:
    """Return what one person alone was shown in a channel."""
    return [one["message"] for one in state["ephemerals"] if one["channel"] == room and one["user"] == user]
