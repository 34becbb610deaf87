# cause: idle ask: 1 needs: uvicorn,uvloop,starlette
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def front_page(request):
    return PlainTextResponse("ok")


app = Starlette(routes=[Route("/", front_page)])
listener = socket.create_server(("127.0.0.1", 0))
print("ready", listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, loop="uvloop", log_level="error")).run(sockets=[listener])
