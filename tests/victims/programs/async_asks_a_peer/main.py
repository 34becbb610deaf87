# not hung needs: aiohttp ask: 1
import asyncio
import socket
import sys

from aiohttp import ClientSession, web


async def price(request):
    async with ClientSession() as session:
        async with session.get("http://127.0.0.1:%s/" % sys.argv[1]) as response:
            return web.Response(text=await response.text())


async def main():
    app = web.Application()
    app.router.add_get("/", price)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    print("ready", listener.getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
