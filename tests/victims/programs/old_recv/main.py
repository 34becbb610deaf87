# cause: blocked_network since: 2.7
import socket
import sys


class Client(object):
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))

    def ask(self, question):
        self.socket.sendall(question)
        return self.socket.recv(4096)  # culprit


client = Client(int(sys.argv[1]))
sys.stdout.write("ready\n")
sys.stdout.flush()
client.ask(b"status\n")
