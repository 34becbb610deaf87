# not hung
import os
import select
import socket
import time


def chat(server):
    connection, _ = server.accept()
    connection.sendall(b"PING 1\r\n")
    time.sleep(86400)


server = socket.create_server(("127.0.0.1", 0)) if hasattr(socket, "create_server") else socket.socket()
if not hasattr(socket, "create_server"):
    server.bind(("127.0.0.1", 0))
    server.listen(1)
port = server.getsockname()[1]
if os.fork() == 0:
    chat(server)
server.close()


class Reader:
    def __init__(self):
        self.line = socket.create_connection(("127.0.0.1", port))
        self.line.setblocking(False)

    def follow(self):
        while True:
            select.select([self.line], [], [])
            for word in self.line.recv(4096).split(b"\r\n"):
                if word.startswith(b"PING"):
                    time.sleep(0.1)
                    self.line.send(word.replace(b"PING", b"PONG") + b"\r\n")


print("ready", flush=True)
Reader().follow()
