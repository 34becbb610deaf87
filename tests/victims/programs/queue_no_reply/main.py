# cause: queue_starved ask: 1 since: 3.7
import http.server
import queue
import threading

ORDERS = queue.Queue()


def pack():
    while True:
        article, reply = ORDERS.get()
        if article in STOCK:
            reply.put(STOCK[article])


STOCK = {"lamp": 12}


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        reply = queue.Queue()
        ORDERS.put((self.path.strip("/"), reply))
        price = reply.get()  # culprit
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%d" % price)


threading.Thread(target=pack, daemon=True, name="pack").start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
print("ready", server.server_port, flush=True)
server.serve_forever()
