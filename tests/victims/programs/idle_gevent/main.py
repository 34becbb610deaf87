# not hung ask: 1 quiet: 1 needs: gevent
from gevent import monkey

monkey.patch_all()
from gevent.pywsgi import WSGIServer


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"shop"]


server = WSGIServer(("127.0.0.1", 0), app, log=None)
server.start()
print("ready", server.server_port, flush=True)
server.serve_forever()
