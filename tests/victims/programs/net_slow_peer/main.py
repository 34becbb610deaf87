# not hung needs: requests
import http.server
import os
import threading
import time

import requests


class Export(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"row\n" * 50)
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Export)
if os.fork() == 0:
    server.serve_forever()
port = server.server_address[1]
server.socket.close()


def count_rows():
    rows = 0
    with requests.get("http://127.0.0.1:%d/export" % port, stream=True) as response:
        for line in response.iter_lines():
            rows += 1
    return rows


print("ready", flush=True)
count_rows()
