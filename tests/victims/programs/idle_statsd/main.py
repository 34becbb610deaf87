# not hung
import collections
import socket


class Collector:
    def __init__(self):
        self.counts = collections.Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))

    def serve(self):
        while True:
            data, _ = self.socket.recvfrom(8192)
            name, _, value = data.decode().partition(":")
            self.counts[name] += int(value)


collector = Collector()
print("ready", flush=True)
collector.serve()
