"""Listens and never answers. Argument: its port."""

import socket
import sys
import time


def close_for_the_night() -> None:
    time.sleep(3600)


with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("ready", flush=True)
    close_for_the_night()
