# not hung needs: flask
import socket

import flask
from werkzeug.serving import make_server

app = flask.Flask("shop")


@app.route("/")
def index():
    return "shop"


server = make_server("127.0.0.1", 0, app, threaded=True)
print("ready", server.server_port, flush=True)
server.serve_forever()
