# not hung ask: 2 quiet: 1 needs: aiohttp
import asyncio
import socket

from aiohttp import web


async def price(request):
    return web.json_response({"price": 12})


async def main():
    app = web.Application()
    app.router.add_get("/price", price)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    print("ready", listener.getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
