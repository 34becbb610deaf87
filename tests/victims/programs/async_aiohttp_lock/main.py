# cause: async_deadlock ask: 1 guess: 1 needs: aiohttp
import asyncio
import socket

from aiohttp import web

RATES = {}


async def refresh(app, currency):
    async with app["lock"]:
        RATES[currency] = 1.0
    return RATES[currency]


async def convert(request):
    async with request.app["lock"]:
        rate = RATES.get("chf") or await refresh(request.app, "chf")
    return web.json_response({"rate": rate})


async def main():
    app = web.Application()
    app["lock"] = asyncio.Lock()
    app.router.add_get("/", convert)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    print("ready", listener.getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
