# cause: cpu_starved cpu: 5 ask: 1 needs: mistune
import http.server

import mistune

SECTION = "## Part\n\nSome *text* with [links](https://example.org) and `code`.\n\n* one\n* two\n\n"


class Handbook(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        pages = [self.page(chapter) for chapter in range(3000)]
        self.send_response(200)
        self.end_headers()
        self.wfile.write("".join(pages).encode())

    def page(self, chapter):
        return mistune.html("# Chapter %d\n\n" % chapter + SECTION * 8)


server = http.server.HTTPServer(("127.0.0.1", 0), Handbook)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
