# cause: deadlock  ask: 3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def increment(self):
        with self.lock:
            self.value += 1
            return self.read()

    def read(self):
        with self.lock:  # culprit
            return self.value


counter = Counter()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(counter.increment()).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print("ready", server.server_port, flush=True)
server.serve_forever()
