# cause: blocked_network ask: 1
import asyncio
import socket
import sys


def ask_stock(article):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as peer:
        peer.sendall(article)
        return peer.recv(100)  # culprit


async def answer(reader, writer):
    await reader.readline()
    count = await asyncio.get_event_loop().run_in_executor(None, ask_stock, b"lamp")
    writer.write(count)


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
