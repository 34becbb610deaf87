# cause: blocked_database ask: 1 needs: redis
import http.server
import socketserver
import sys

import redis

CACHE = redis.Redis(port=int(sys.argv[1]), protocol=2)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.basket("ada")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def basket(self, customer):
        return CACHE.get("basket:" + customer) or b"[]"  # culprit


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
