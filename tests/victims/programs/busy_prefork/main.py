# cause: busy_loop child: 1
import os
import socket
import time


def application(environ):
    quota = 10
    used = 10
    while used >= quota:  # culprit
        pass  # culprit
    return b"ok"


def worker(listener):
    application({})


def master():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)
    for _ in range(1):
        if os.fork() == 0:
            worker(listener)
            os._exit(0)
    print("ready", flush=True)
    while True:
        time.sleep(1)


master()
