# cause: event_loop_blocked ask: 1 needs: twisted
import time

from twisted.internet import reactor
from twisted.web import resource, server


class Stock(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        return self.recount(b"lamp")  # caller

    def recount(self, article):
        while not self.ready(article):
            time.sleep(3600)  # culprit
        return b"12"

    def ready(self, article):
        return False


port = reactor.listenTCP(0, server.Site(Stock()), interface="127.0.0.1")
print("ready", port.getHost().port, flush=True)
reactor.run()
