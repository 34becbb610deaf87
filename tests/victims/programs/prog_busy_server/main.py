# not hung needs: waitress,requests
import hashlib
import os
import socket
import threading

import requests
import waitress


def app(environ, start_response):
    digest = hashlib.sha256()
    for number in range(30000):
        digest.update(b"%d" % number)
    body = digest.hexdigest().encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
if os.fork() == 0:
    def client():
        session = requests.Session()
        while True:
            session.get("http://127.0.0.1:%d/" % port)

    for _ in range(3):
        threading.Thread(target=client).start()
else:
    print("ready", port, flush=True)
    waitress.serve(app, sockets=[listener], threads=4)
