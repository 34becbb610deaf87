"""Answers what another server says. Arguments: its own address and port, the URL of the other one."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import urlopen


class Gateway(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.fetch(sys.argv[3])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def fetch(self, url: str) -> bytes:
        with urlopen(url) as answer:
            found: bytes = answer.read()
        return found

    def log_message(self, *args: object) -> None: ...


def main() -> None:
    server = HTTPServer((sys.argv[1], int(sys.argv[2])), Gateway)
    print("ready", flush=True)
    server.serve_forever()


main()
