"""Takes locks in every way there is, and says which thread is which: a line `NAME IDENT` each, then `ready`."""

import threading
import time

OWNED = threading.RLock()
PLAIN = threading.Lock()
names = {}


def keep():
    with OWNED, PLAIN:
        time.sleep(600)


def want_owned():
    with OWNED:
        pass


def want_plain():
    with PLAIN:
        pass


def wait_a_while():
    OWNED.acquire(timeout=600)


def be_told():
    threading.Event().wait()


for function in (keep, want_owned, want_plain, wait_a_while, be_told):
    thread = threading.Thread(target=function, name=function.__name__, daemon=True)
    thread.start()
    print(function.__name__, thread.ident, flush=True)
    time.sleep(0.2)
print("ready", flush=True)
time.sleep(600)
