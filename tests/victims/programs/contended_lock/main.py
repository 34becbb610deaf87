# not hung
import hashlib
import threading

LOCK = threading.Lock()
TOTALS = {}


def add(name):
    with LOCK:
        digest = hashlib.sha256()
        for number in range(20000):
            digest.update(b"%d" % number)
        TOTALS[name] = TOTALS.get(name, 0) + 1


def worker(name):
    while True:
        add(name)


for number in range(6):
    threading.Thread(target=worker, args=("worker-%d" % number,), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
