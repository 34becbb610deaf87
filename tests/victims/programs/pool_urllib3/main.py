# cause: pool_exhausted needs: urllib3
import http.server
import threading

import urllib3


class Stock(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2000000")
        self.end_headers()
        self.wfile.write(b"x" * 2000000)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stock)
threading.Thread(target=server.serve_forever, daemon=True, name="stock").start()
POOL = urllib3.HTTPConnectionPool("127.0.0.1", server.server_port, maxsize=1, block=True)
STARTED = POOL.request("GET", "/first", preload_content=False)


def fetch(number):
    return POOL.request("GET", "/article/%d" % number).data  # culprit


threads = [threading.Thread(target=fetch, args=(number,), name="fetch-%d" % number) for number in range(4)]
for thread in threads:
    thread.start()
print("ready", flush=True)
for thread in threads:
    thread.join()
