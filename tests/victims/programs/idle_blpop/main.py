# not hung needs: redis
import os
import socket

import redis

server = socket.create_server(("127.0.0.1", 0)) if hasattr(socket, "create_server") else None
port = server.getsockname()[1]


def pretend_redis():
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            while True:
                data = connection.recv(65536)
                if not data:
                    os._exit(0)
                if b"BLPOP" in data:
                    continue
                for _ in range(data.count(b"*")):
                    connection.sendall(b"+OK\r\n")


if os.fork() == 0:
    pretend_redis()
server.close()


class Worker:
    def __init__(self):
        self.redis = redis.Redis(port=port, protocol=2)
        self.done = 0

    def run(self):
        while True:
            job = self.redis.blpop(["jobs:high", "jobs:low"], timeout=0)
            self.handle(job)

    def handle(self, job):
        self.done += 1


print("ready", flush=True)
Worker().run()
