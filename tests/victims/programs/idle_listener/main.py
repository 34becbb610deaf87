# not hung
import os
import tempfile
from multiprocessing.connection import Listener

listener = Listener(os.path.join(tempfile.mkdtemp(), "control"), "AF_UNIX")
print("ready", flush=True)
while True:
    with listener.accept() as connection:
        connection.send(connection.recv())
