# cause: idle child: 1 needs: gunicorn
import sys

from gunicorn.app.base import BaseApplication


def shop(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


class Shop(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", "127.0.0.1:0")
        self.cfg.set("workers", 2)
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 3)
        self.cfg.set("loglevel", "critical")
        self.cfg.set("when_ready", lambda server: print("ready", flush=True))

    def load(self):
        return shop


Shop().run()
