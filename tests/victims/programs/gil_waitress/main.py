# cause: gil_held ask: 3 needs: waitress
import ctypes
import os
import socket

import waitress

libc = ctypes.PyDLL(None)
QUEUE, TICKET = os.pipe()


def print_label(number):
    buffer = ctypes.create_string_buffer(16)
    return libc.read(QUEUE, buffer, 16)  # culprit


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % print_label(1)]


listener = socket.create_server(("127.0.0.1", 0))
print("ready", listener.getsockname()[1], flush=True)
waitress.serve(app, sockets=[listener], threads=2)
