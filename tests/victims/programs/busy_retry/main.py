# cause: busy_loop
import socket
import threading


class Unavailable(Exception):
    pass


class Client:
    def __init__(self, port):
        self.port = port

    def send(self, payload):
        probe = socket.socket()
        try:
            probe.connect(("127.0.0.1", self.port))
        except OSError as error:
            raise Unavailable(str(error))
        finally:
            probe.close()


def deliver(client, payload):
    while True:  # culprit
        try:
            client.send(payload)  # culprit
            break
        except Unavailable:
            continue  # culprit


def worker():
    deliver(Client(1), b"x")


thread = threading.Thread(target=worker, name="delivery")
thread.start()
print("ready", flush=True)
thread.join()
