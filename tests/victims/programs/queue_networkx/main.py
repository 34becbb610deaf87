# cause: queue_starved ask: 1 needs: flask,networkx
import queue
import threading

import networkx
from flask import Flask
from werkzeug.serving import make_server

ROUTES = networkx.Graph([("depot", "north"), ("depot", "east"), ("south", "harbour")])
orders = queue.Queue()
app = Flask(__name__)


def plan():
    while True:
        goal, answers = orders.get()
        answers.put(networkx.shortest_path(ROUTES, "depot", goal))


@app.route("/")
def route():
    answers = queue.Queue()
    orders.put(("harbour", answers))
    return ",".join(answers.get())  # culprit


threading.excepthook = lambda told: None
threading.Thread(target=plan, daemon=True).start()
server = make_server("127.0.0.1", 0, app, threaded=True)
print("ready %d" % server.port, flush=True)
server.serve_forever()
