# cause: idle  ask: 1 quiet: 1
import asyncio


async def handle(reader, writer):
    while True:
        line = await reader.readline()
        if not line:
            break
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def heartbeat():
    while True:
        await asyncio.sleep(1)


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    asyncio.get_event_loop().create_task(heartbeat())
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(10 ** 6)


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
