# not hung ask: 1 quiet: 1 needs: tornado
import asyncio

import tornado.httpserver
import tornado.netutil
import tornado.web


class Main(tornado.web.RequestHandler):
    def get(self):
        self.write("shop")


async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(tornado.web.Application([("/", Main)]))
    server.add_sockets(sockets)
    print("ready", sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
