# cause: gc_thrash needs: cachetools
import gc
import http.server
import threading

from cachetools import LRUCache


class Page:
    def __init__(self, number):
        self.number = number
        self.parts = [{"page": self} for _ in range(3)]


class Pages(LRUCache):
    def popitem(self):
        gone = super().popitem()
        gc.collect()  # culprit
        return gone


def fill(pages):
    number = 0
    while True:
        pages[number] = Page(number)  # caller
        number += 1


pages = Pages(60000)
threading.Thread(target=fill, args=(pages,), daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
print("ready %d" % server.server_port, flush=True)
server.serve_forever()
