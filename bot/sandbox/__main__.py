"""`python -m bot.sandbox`: listens on loopback and says where, in one JSON line."""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn

from bot.sandbox import settings, wire
from bot.sandbox.box import Box
from bot.sandbox.server import build
from bot.sandbox.settings import Setup, SetupError
from bot.sandbox.workspace import Workspace

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8765
PING_SECONDS = 20.0


class Server(uvicorn.Server):
    """Leaves signals to us (a SIGTERM is an ordinary end, with exit code 0) and says when it listens."""

    url = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell the address on standard output."""
        await super().startup(sockets=sockets)
        sys.stdout.write(json.dumps({"url": self.url}) + "\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.sandbox", description="A Slack workspace in a box, on loopback."
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="0 takes a free one (default %(default)s)"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="people, channels and commands, as JSON")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="where to log requests and faults of the sandbox itself"
    )
    options = parser.parse_args(argv)
    try:
        setup = settings.load(options.config)
        listener = _listen(options.port)
    except (SetupError, OSError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    _log_to(options.log)
    asyncio.run(_serve(setup, listener))
    return 0


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"cannot listen on {ADDRESS}:{port}: {error.strerror}; choose another with --port"
        ) from error
    return listener


def _log_to(path: Path | None) -> None:
    handler = logging.FileHandler(path, encoding="utf-8") if path else logging.NullHandler()
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(name)s %(message)s")


async def _serve(setup: Setup, listener: socket.socket) -> None:
    url = f"http://{ADDRESS}:{listener.getsockname()[1]}/"
    box = Box(url=url, workspace=Workspace(setup, now=time.time()))
    server = Server(
        uvicorn.Config(
            build(box),
            http=wire.Http,
            ws=wire.Link,
            lifespan="off",
            log_config=None,
            ws_per_message_deflate=False,
            ws_ping_interval=PING_SECONDS,
            # A peer that answers no ping is its own affair: the app must find out, not we.
            ws_ping_timeout=86_400.0,
            timeout_graceful_shutdown=0,
        )
    )
    server.url = url
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
