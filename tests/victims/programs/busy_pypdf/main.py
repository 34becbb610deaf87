# cause: busy_loop place: pypdf/generic/_data_structures.py:__parse_content_stream ask: 1 needs: pypdf
import http.server

from pypdf.generic import ContentStream, DecodedStreamObject


def operations(data):
    stream = DecodedStreamObject()
    stream.set_data(data)
    return ContentStream(stream, None).operations  # caller


class Upload(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = operations(b"BT /F1 12 Tf ET\n%")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%d" % len(found))


server = http.server.HTTPServer(("127.0.0.1", 0), Upload)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
