# cause: idle 
import os
import signal
import socket
import time


class Arbiter:
    def __init__(self, workers):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(50)
        self.workers = workers
        self.pids = []

    def spawn(self):
        pid = os.fork()
        if pid:
            self.pids.append(pid)
            return
        self.work()

    def work(self):
        while True:
            client, _ = self.listener.accept()
            client.sendall(b"HTTP/1.0 200 OK\r\n\r\nok")
            client.close()

    def run(self):
        for _ in range(self.workers):
            self.spawn()
        print("ready", flush=True)
        while True:
            time.sleep(1)
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                pass


Arbiter(2).run()
