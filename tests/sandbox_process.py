"""Starts the sandbox as a process of its own and speaks to its control addresses. Standard library only."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
BOT_TOKEN = "xoxb-sandbox"
APP_TOKEN = "xapp-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox; `url` ends with a slash, `pid` is its process."""

    url: str
    pid: int

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL and WebClient(base_url=…) take."""
        return self.url + "api/"

    def say(self, user: str, text: str, *, channel: str = "#ops", thread_ts: str | None = None) -> Json:
        """Type a line as this user."""
        return self.post(
            "say", user=user, channel=channel, text=text, **({"thread_ts": thread_ts} if thread_ts else {})
        )

    def press(
        self, user: str, ts: str, action_id: str, *, channel: str = "#ops", value: Any = None, **more: Any
    ) -> Json:
        """Press a button or pick `value`."""
        return self.post("press", user=user, channel=channel, ts=ts, action_id=action_id, value=value, **more)

    def submit(self, user: str, view_id: str, values: Json) -> Json:
        """Submit a modal with Slack's state.values."""
        return self.post("submit", user=user, view_id=view_id, values=values)

    def fault(self, kind: str, **arguments: Any) -> Json:
        """Break something, until it is used up or healed."""
        return self.post("fault", kind=kind, **arguments)

    def request_url(self, url: str | None) -> Json:
        """Deliver by HTTP from now on, or by socket again."""
        return self.post("request_url", url=url)

    def heal(self) -> Json:
        """End every fault."""
        return self.post("heal")

    def state(self) -> Json:
        """See the whole workspace."""
        with urllib.request.urlopen(self.url + "sandbox/state", timeout=30) as answer:
            return json.load(answer)

    def messages(self, channel: str = "ops") -> list[Json]:
        """See the top-level messages of one channel, oldest first, each with its replies."""
        return next(
            row["messages"] for row in self.state()["channels"] if channel in (row["name"], row["id"])
        )

    def violations(self) -> list[Json]:
        """See which rules of Slack were broken."""
        return self.state()["rule_violations"]

    def api(self, method: str, *, token: str = BOT_TOKEN, **arguments: Any) -> Json:
        """Call a Web API method with a JSON body."""
        return self._send("api/" + method, arguments, {"Authorization": f"Bearer {token}"})

    def post(self, act: str, **body: Any) -> Json:
        """Call one of the control addresses; refusals are answers too."""
        return self._send("sandbox/" + act, body, {})

    def wait_for(self, predicate: Callable[[Json], Any], seconds: float = 30) -> Any:
        """Poll the state until the predicate gives something true, and give that; AssertionError after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            state = self.state()
            if found := predicate(state):
                return found
            if time.monotonic() > end:
                shown = json.dumps(
                    {key: state[key] for key in ("channels", "ephemerals", "views", "rule_violations")}
                )
                raise AssertionError(f"not seen within {seconds} s; the sandbox shows {shown[-4000:]}")
            time.sleep(0.05)

    def _send(self, path: str, body: Json, headers: dict[str, str]) -> Json:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)


@contextlib.contextmanager
def running_sandbox(config: Json | None = None, *, port: int = 0) -> Iterator[Sandbox]:
    """Run `python -m bot.sandbox` on a free port (or the given one) until the block ends; `config` is FILE.json's content."""
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        argv = [sys.executable, "-m", "bot.sandbox", "--port", str(port)]
        if config is not None:
            path = Path(folder, "sandbox.json")
            path.write_text(json.dumps(config), encoding="utf-8")
            argv += ["--config", str(path)]
        errors = Path(folder, "stderr")
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, env=dict(os.environ)
            )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"the sandbox did not start: {errors.read_text()}"
            yield Sandbox(url=json.loads(line)["url"], pid=process.pid)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
