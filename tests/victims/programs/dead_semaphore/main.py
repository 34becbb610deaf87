# cause: deadlock
import threading, time
class Pool:
    def __init__(self): self.sem = threading.Semaphore(1)
db, cache = Pool(), Pool()
def a():
    with db.sem:
        time.sleep(.2)
        with cache.sem:  # culprit
            pass
def b():
    with cache.sem:
        time.sleep(.2)
        with db.sem:  # culprit
            pass
threading.Thread(target=a).start(); threading.Thread(target=b).start()
print("ready", flush=True)
