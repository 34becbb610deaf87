# cause: event_loop_blocked ask: 1 needs: aiohttp
import asyncio
import socket

from aiohttp import ClientSession, web

BODY = b'--frontier\r\nContent-Disposition: form-data; name="photo"\r\nContent-Length: 500\r\n\r\n' + b"x" * 400


async def upload(request):
    form = await request.post()
    return web.json_response({"fields": len(form)})


async def main():
    app = web.Application()
    app.router.add_post("/photos", upload)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    port = listener.getsockname()[1]
    print("ready", port, flush=True)
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    async with ClientSession() as session:
        async with session.post("http://127.0.0.1:%d/photos" % port, data=BODY, headers=headers) as response:
            await response.text()


asyncio.run(main())
