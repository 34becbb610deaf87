# not hung child: 1
import os
import socket
import threading
import time

GUARD = threading.RLock()
stopping = threading.Event()


def tidy():
    while not stopping.wait():
        with GUARD:
            pass


def serve(listener):
    threading.Thread(target=tidy, daemon=True).start()
    while True:
        client, _ = listener.accept()
        with GUARD:
            client.close()


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(5)
threading.Thread(target=tidy, daemon=True).start()
if os.fork() == 0:
    serve(listener)
print("ready", flush=True)
time.sleep(600)
