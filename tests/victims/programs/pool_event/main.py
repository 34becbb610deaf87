# cause: pool_exhausted
import threading
import time
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(3)


class Report:
    def __init__(self):
        self.ready = threading.Event()
        self.rows = []

    def load(self):
        self.rows = [1, 2, 3]
        self.ready.set()


def build(name):
    report = Report()
    time.sleep(0.2)
    POOL.submit(report.load)
    report.ready.wait()  # culprit
    return report.rows


jobs = [POOL.submit(build, name) for name in ("day", "week", "month", "year")]
print("ready", flush=True)
for job in jobs:
    job.result()
