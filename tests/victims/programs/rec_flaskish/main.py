# cause: infinite_recursion  ask: 2
import functools
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn

ROUTES = {}


def route(path):
    def register(view):
        ROUTES[path] = view
        return view

    return register


def cached(view):
    @functools.wraps(view)
    def wrapper(request):
        return view(request)  # culprit

    return wrapper


class Category:
    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent

    @property
    def path(self):
        if self.parent is None:
            return "/" + self.name
        return self.parent.path + "/" + self.name  # culprit


root = Category("root")
shoes = Category("shoes", root)
root.parent = shoes


@route("/")
@cached
def index(request):
    while True:
        try:
            return shoes.path
        except RecursionError:
            continue


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = ROUTES["/"](self).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print("ready", server.server_port, flush=True)
server.serve_forever()
