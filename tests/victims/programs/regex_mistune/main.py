# cause: regex_backtracking ask: 1 needs: mistune
import http.server

import mistune

COMMENT = "| article | price |\n" + "*\"*" + "|*\"*" * 50000


class Preview(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.render(COMMENT)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def render(self, text):
        return mistune.html(text).encode()


server = http.server.HTTPServer(("127.0.0.1", 0), Preview)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
