"""Accepts at a path, and never answers. Argument: the path."""

import socket
import sys
import threading

KEPT: list[socket.socket] = []


def stand() -> None:
    threading.Event().wait()


def main() -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(sys.argv[1])
    server.listen(16)
    print("ready", flush=True)
    KEPT.append(server.accept()[0])
    stand()


main()
