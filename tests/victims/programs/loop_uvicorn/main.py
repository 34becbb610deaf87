# cause: event_loop_blocked ask: 1 needs: uvicorn,uvloop,starlette,requests
import socket
import sys

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

STOCK = "http://127.0.0.1:%s/stock" % sys.argv[1]


def in_stock(article):
    return requests.get(STOCK, params={"article": article}).json()["count"]  # culprit


async def front_page(request):
    return JSONResponse({"lamp": in_stock("lamp")})  # caller


app = Starlette(routes=[Route("/", front_page)])
listener = socket.create_server(("127.0.0.1", 0))
print("ready", listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, loop="uvloop", log_level="error")).run(sockets=[listener])
