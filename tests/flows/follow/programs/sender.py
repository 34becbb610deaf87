"""Hands lines to a child that does not take them. Argument: the child's program."""

import subprocess
import sys


def feed(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdin is not None
    for _ in range(10_000):
        child.stdin.write(b"x" * 1000)


def main() -> None:
    child = subprocess.Popen((sys.executable, sys.argv[1]), stdin=subprocess.PIPE)
    print("ready", flush=True)
    feed(child)


main()
