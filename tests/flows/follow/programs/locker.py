"""Writes a report under a lock. Arguments: the file, and how long one who has the lock keeps it, in seconds."""

import fcntl
import sys
import time
from pathlib import Path


def render(seconds: float) -> None:
    time.sleep(seconds)


def report(path: str, seconds: float) -> None:
    with Path(path).open("a") as file:
        if seconds == 0:
            print("ready", flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
        print("ready", flush=True)
        render(seconds)


report(sys.argv[1], float(sys.argv[2]))
