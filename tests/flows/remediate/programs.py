"""A service that can hang, and the command that restarts it: real programs, told what to do by files in their folder.

`mode` says how the service runs that is started next: `well`, `hung`, `dies` (answers for a moment, then ends) or `none`
(it ends at once). `order` says what the restart command does: `well`, `fail` (exits 3), `slow` (waits until the file `go`
is there), `nothing` (exits 0). `runs` has a line for each time that the command ran.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SERVICE = """
import http.server, os, pathlib, sys, threading, time

folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
mode = (folder / "mode").read_text().strip()
limit = threading.Timer(600, os._exit, args=(1,))  # whatever becomes of the test
limit.daemon = True
limit.start()

def stuck():
    while True:
        time.sleep(0.5)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if mode == "hung" or (folder / "hang").exists():
            stuck()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass

if mode == "none":
    sys.exit(1)
if mode == "dies":
    def end():
        while not (folder / "asked").exists():
            time.sleep(0.05)
        time.sleep(1.0)
        os._exit(1)
    plain = Handler.do_GET
    def noted(self):
        plain(self)
        (folder / "asked").touch()
    Handler.do_GET = noted
    threading.Thread(target=end, daemon=True).start()
for attempt in range(200):
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        break
    except OSError:
        time.sleep(0.05)
(folder / "pid").write_text(str(os.getpid()))
server.serve_forever()
"""
RESTART = """
import os, pathlib, signal, subprocess, sys, time

folder, port = pathlib.Path(sys.argv[1]), sys.argv[2]
order = (folder / "order").read_text().strip()
with (folder / "runs").open("a") as runs:
    runs.write("run\\n")
print("told to", order, flush=True)
if order == "fail":
    print("no such service here; password=hunter2secret", file=sys.stderr)
    sys.exit(3)
if order == "nothing":
    sys.exit(0)
end = time.monotonic() + 100
while order == "slow" and not (folder / "go").exists() and time.monotonic() < end:
    time.sleep(0.05)
    print("still at it", flush=True)
try:
    os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
except (OSError, ValueError):
    pass
(folder / "pid").unlink(missing_ok=True)
argv = (sys.executable, str(folder / "service.py"), str(folder), port)
quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
new = subprocess.Popen(argv, start_new_session=True, **quiet)
(folder / "pids").open("a").write(f"{new.pid}\\n")
"""
STARTS_WITHIN_S = 60.0


@dataclass(kw_only=True)
class Victim:
    """A service in a folder, on a port."""

    folder: Path
    port: int

    @property
    def process(self) -> str:
        """What its command line contains, and nobody else's."""
        return str(self.folder / "service.py")

    @property
    def restart(self) -> tuple[str, ...]:
        return (sys.executable, str(self.folder / "restart.py"), str(self.folder), str(self.port))

    @property
    def runs(self) -> int:
        """How often the restart command ran."""
        file = self.folder / "runs"
        return len(file.read_text().splitlines()) if file.exists() else 0

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text() or 0)

    def runs_anew(self, before: int) -> bool:
        """Whether another process than that one has begun to serve."""
        return (self.folder / "pid").exists() and (self.folder / "pid").read_text() not in ("", str(before))

    def next(self, *, mode: str = "well", order: str = "well") -> None:
        (self.folder / "mode").write_text(mode)
        (self.folder / "order").write_text(order)

    def hang(self) -> None:
        (self.folder / "hang").touch()

    def unhang(self) -> None:
        (self.folder / "hang").unlink(missing_ok=True)

    def go(self) -> None:
        (self.folder / "go").touch()

    def start(self) -> None:
        (self.folder / "service.py").write_text(SERVICE)
        (self.folder / "restart.py").write_text(RESTART)
        self.next()
        argv = (sys.executable, str(self.folder / "service.py"), str(self.folder), str(self.port))
        new = subprocess.Popen(argv, start_new_session=True)
        self._children = [new]
        with (self.folder / "pids").open("a") as pids:
            pids.write(f"{new.pid}\n")
        until(lambda: (self.folder / "pid").exists() and self.pid == new.pid)

    def stop(self) -> None:
        """End every process that was ever started for it."""
        for pid in (self.folder / "pids").read_text().split():
            command = Path(f"/proc/{pid}/cmdline")
            with suppress(OSError):
                if str(self.folder).encode() in command.read_bytes():
                    os.kill(int(pid), signal.SIGKILL)
        for child in self._children:
            child.wait()


def until(true: Callable[[], object], *, seconds: float = STARTS_WITHIN_S) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.02)
