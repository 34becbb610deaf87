# cause: blocked_network
import select
import socket
import sys


class Modem:
    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port))
        self.line.setblocking(False)
        self.buffer = b""

    def command(self, text):
        self.line.send(text + b"\r\n")
        while b"OK" not in self.buffer:
            select.select([self.line], [], [])  # culprit
            self.buffer += self.line.recv(4096)
        return self.buffer


print("ready", flush=True)
Modem(int(sys.argv[1])).command(b"ATZ")
