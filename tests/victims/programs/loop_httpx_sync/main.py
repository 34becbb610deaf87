# cause: event_loop_blocked ask: 1 needs: httpx
import asyncio
import sys

import httpx

PRICES = httpx.Client(base_url="http://127.0.0.1:%s" % sys.argv[1], timeout=None)


def price(article):
    return PRICES.get("/articles/%s" % article).json()["price"]  # culprit


async def answer(reader, writer):
    await reader.readline()
    body = b"%d" % await quote("lamp")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()


async def quote(article):
    return price(article)  # caller


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
