# not hung since: 2.7
import socket
import sys

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(5)


def serve():
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"hello\n")
        connection.close()


sys.stdout.write("ready\n")
sys.stdout.flush()
serve()
