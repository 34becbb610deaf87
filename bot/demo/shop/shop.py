"""A small web shop with a fixed pool of workers. It stands for the program that hangs at 4 AM.

    shop.py ADDRESS PORT

It runs on its own, with the standard library alone, as a program on somebody's server would. /health is served
by the same workers as everything else.
"""

import ctypes
import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import views

WORKERS = 4
PR_SET_PTRACER = 0x59616D61  # prctl(2): lets a debugger of the same user in, where Yama would refuse it
PR_SET_PTRACER_ANY = ctypes.c_ulong(-1)


class Handler(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/health":
            status, body = views.health()
        elif url.path == "/":
            tenant = parse_qs(url.query).get("tenant", [views.DEFAULT_TENANT])[0]
            status, body = views.page(tenant)
        else:
            status, body = 404, "There are / and /health.\n"
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format, *args):
        logging.info("%s %s", self.address_string(), format % args)


def serve(listener):
    """Answer one connection after the other, for ever."""
    while True:
        connection, peer = listener.accept()
        with connection:
            try:
                Handler(connection, peer, None)
            except OSError as error:
                logging.info("%s went away: %s", peer[0], error)


def main(address, port):
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)
    listener = socket.create_server((address, port), backlog=64)
    logging.info("listening on %s:%d with %d workers", address, port, WORKERS)
    threads = [
        threading.Thread(target=serve, args=(listener,), name="worker-%d" % n) for n in range(1, WORKERS + 1)
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
