"""Sends mails as they are asked for. Argument: the port of Redis."""

import sys
import time

import redis


def watch(queue: "redis.Redis") -> None:
    while not queue.rpop("mails"):
        time.sleep(0.01)


def main() -> None:
    queue = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]))
    queue.ping()
    print("ready", flush=True)
    watch(queue)


main()
