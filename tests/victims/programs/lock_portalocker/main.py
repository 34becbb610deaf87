# cause: blocked_file_lock needs: portalocker
import os
import tempfile
import time

import portalocker

path = os.path.join(tempfile.mkdtemp(), "sequence")
if os.fork() == 0:
    held = open(path, "a")
    portalocker.lock(held, portalocker.LOCK_EX)
    time.sleep(86400)
time.sleep(0.3)


def next_number(path):
    with open(path, "a+") as counter:
        portalocker.lock(counter, portalocker.LOCK_EX)  # culprit
        counter.seek(0)
        return int(counter.read() or 0) + 1


def invoice(customer):
    return {"number": next_number(path), "customer": customer}


print("ready", flush=True)
invoice("ada")
