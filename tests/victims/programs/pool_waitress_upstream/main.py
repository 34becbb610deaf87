# cause: blocked_network ask: 4 needs: waitress,requests
import sys

import requests
import waitress

STOCK = "http://127.0.0.1:%s/" % sys.argv[1]


def shop(environ, start_response):
    body = requests.get(STOCK).content  # culprit
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


server = waitress.create_server(shop, host="127.0.0.1", port=0, threads=4)
print("ready", server.effective_port, flush=True)
server.run()
