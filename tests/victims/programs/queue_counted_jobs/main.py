# not hung
import socketserver
import threading
from collections import deque

JOBS, COUNT = deque(), threading.Semaphore(0)


def take():
    COUNT.acquire()
    return JOBS.popleft()


def work():
    while True:
        take()()


class Mail(socketserver.BaseRequestHandler):
    def handle(self):
        JOBS.append(lambda: None)
        COUNT.release()


for number in range(3):
    threading.Thread(target=work, daemon=True).start()
server = socketserver.TCPServer(("127.0.0.1", 0), Mail)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
