# cause: busy_loop  ask: 1
import http.server
import threading


class Inventory:
    def __init__(self):
        self.stock = {"sku": 0}

    def reserve(self, sku, wanted):
        while True:  # culprit
            if self.stock[sku] >= wanted:  # culprit
                self.stock[sku] -= wanted
                return True


inventory = Inventory()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        inventory.reserve("sku", 1)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
