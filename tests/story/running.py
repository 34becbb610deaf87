"""`hangbot demo` as people start it, asked from outside: over HTTP, and by its command line beside it."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANGBOT = str(Path(sys.executable).with_name("hangbot"))
ALERT_WITHIN_S = 90.0  # the promise is 30 s on a machine that does nothing else; this one runs other tests


class Demo:
    """A running `hangbot demo`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def state(self) -> dict[str, Any]:
        return self.ask("sandbox/state")

    def messages(self) -> list[dict[str, Any]]:
        return [message for channel in self.state()["channels"] for message in channel["messages"]]

    def say(self, text: str, user: str = "ana") -> dict[str, Any]:
        return self.ask("sandbox/say", {"user": user, "channel": "#ops", "text": text})

    def press(self, ts: str, action: str, *, user: str = "ana", value: str | None = None) -> dict[str, Any]:
        body = {"user": user, "channel": "#ops", "ts": ts, "action_id": action}
        return self.ask("sandbox/press", body | ({"value": value} if value else {}))

    def hangbot(self, *argv: str) -> subprocess.CompletedProcess[str]:
        command = (HANGBOT, "-c", str(self.folder / "hangbot.yaml"), *argv)
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def wait_for(what: str, look: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.25)
    pytest.fail(f"{what}: not within {seconds:g} s")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Run a demo in `folder` until the block ends."""
    port = free_port()
    argv = (HANGBOT, "demo", "--no-browser", "--port", str(port), "--dir", str(folder))
    log = folder.parent / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(argv, cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        running = Demo(f"http://127.0.0.1:{port}/", folder)
        wait_for("the chat page", lambda: process.poll() is None and answers(running), 60)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()
        sys.stdout.write(log.read_text()[-3000:])


def answers(demo: Demo) -> bool:
    try:
        return "channels" in demo.state()
    except OSError:
        return False


def alert(demo: Demo) -> dict[str, Any] | None:
    for message in demo.messages():
        if message.get("metadata", {}).get("event_type") == "hangbot_alert":
            return message
    return None


def diagnoses(message: dict[str, Any]) -> list[dict[str, Any]]:
    replies = message.get("replies", [])
    return [
        r["metadata"]["event_payload"]
        for r in replies
        if r.get("metadata", {}).get("event_type") == "hangbot_inspection"
    ]


def hang_again(demo: Demo) -> None:
    """Type the line that the demo prints for it."""
    done = subprocess.run((str(demo.folder / "demo1" / "hang"),), check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
