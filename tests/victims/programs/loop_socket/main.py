# cause: event_loop_blocked  ask: 2
import asyncio
import socket
import sys


class Cache:
    def __init__(self, port):
        self.port = port

    def get(self, key):
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.sendall(b"GET " + key)
        return sock.recv(1024)  # culprit


async def handle(reader, writer):
    await reader.readline()
    value = Cache(int(sys.argv[1])).get(b"k")  # caller
    writer.write(value)


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(10 ** 6)


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
