# cause: event_loop_blocked  ask: 1
import asyncio


def score(values):
    total = 0
    for a in values:
        for b in values:  # culprit
            total += a * b % 7  # culprit
    return total


async def handle(reader, writer):
    await reader.readline()
    body = str(score(range(10 ** 6))).encode()  # caller
    writer.write(body)
    await writer.drain()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(10 ** 6)


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
