# cause: blocked_network  ask: 3
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn


def rates():
    with urllib.request.urlopen("http://127.0.0.1:%s/rates" % sys.argv[1]) as answer:  # culprit
        return answer.read()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = rates()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print("ready", server.server_port, flush=True)
server.serve_forever()
