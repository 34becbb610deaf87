"""A small pre-fork server, each worker with a queue of its own at the same port; /report never gets done.

prefork.py PORT
"""

import os
import signal
import socket
import sys

WORKERS = 4
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def listener(port):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    made.listen(64)
    return made


def report(total=0):
    while total >= 0:
        total += 1


def serve(port):
    accepting = listener(port)
    while True:
        connection, _ = accepting.accept()
        with connection:
            path = connection.recv(2000).split(b" ")[1:2]
            if path == [b"/report"]:
                report()
            connection.sendall(ANSWER)


def main(port):
    for _ in range(WORKERS):
        if os.fork() == 0:
            serve(port)
    print("ready", flush=True)
    signal.pause()


main(int(sys.argv[1]))
