# cause: blocked_network needs: grpc
import sys

import grpc


class Prices:
    def __init__(self, port):
        channel = grpc.insecure_channel("127.0.0.1:%s" % port)
        self.quote = channel.unary_unary("/shop.Prices/Quote")

    def total(self, articles):
        return sum(len(self.quote(article, wait_for_ready=True)) for article in articles)  # culprit


print("ready", flush=True)
Prices(sys.argv[1]).total([b"lamp", b"desk"])
