# cause: pool_exhausted ask: 5 needs: sqlalchemy
import http.server

import sqlalchemy

ENGINE = sqlalchemy.create_engine(
    "sqlite:///file:shop?mode=memory&cache=shared&uri=true",
    poolclass=sqlalchemy.pool.QueuePool, pool_size=2, max_overflow=0, pool_timeout=3600,
    connect_args={"check_same_thread": False},
)
KEPT = []


def count():
    connection = ENGINE.connect()  # culprit
    found = connection.execute(sqlalchemy.text("select 1")).scalar()
    KEPT.append(connection)
    return found


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"%d" % count()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
print("ready", server.server_port, flush=True)
server.serve_forever()
