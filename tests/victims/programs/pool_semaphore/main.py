# cause: pool_exhausted
import threading
from collections import deque


class Leases:
    """A pool of sessions; a session that is not given back is gone."""

    def __init__(self, size):
        self.free = deque(range(size))
        self.slots = threading.BoundedSemaphore(size)

    def acquire(self):
        self.slots.acquire()  # culprit
        return self.free.popleft()

    def release(self, session):
        self.free.append(session)
        self.slots.release()


POOL = Leases(2)


def render(page):
    session = POOL.acquire()
    if page < 2:
        raise ValueError("no such page")
    POOL.release(session)


threading.excepthook = lambda args: None
workers = [threading.Thread(target=render, args=(page,)) for page in range(6)]
for worker in workers:
    worker.start()
print("ready", flush=True)
for worker in workers:
    worker.join()
